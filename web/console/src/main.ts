import { createApp } from 'vue';
import App from './App.vue';
import './look/look.css';
import { router } from './router';
import { language, speakIn } from './texts';

speakIn(language.value);
const app = createApp(App).use(router);
// Where somebody wants to go is known before anything decides where they may.
void router.isReady().then(() => app.mount('#app'));
