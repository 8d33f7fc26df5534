import { createApp } from 'vue';
import App from './App.vue';
import './look/look.css';
import { router } from './router';
import { language, speakIn } from './texts';

speakIn(language.value);
createApp(App).use(router).mount('#app');
