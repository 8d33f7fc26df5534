import 'vant/lib/index.css';
import './look/look.css';
import { Button, Checkbox, Popup, Search, Switch, Tabbar, TabbarItem } from 'vant';
import { createApp } from 'vue';
import App from './App.vue';
import { theme } from './look/theme';
import { router } from './router';
import { lockInBackground } from './keeping/locking';
import { keepForLater } from './shell';

theme.apply();
const application = createApp(App);
for (const part of [Button, Checkbox, Popup, Search, Switch, Tabbar, TabbarItem]) {
	application.use(part);
}
application.use(router).mount('#app');
keepForLater();
lockInBackground();
