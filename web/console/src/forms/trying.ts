/** What stands in the frame of a form that is tried out: the phone's own page. */
import '../../../phone/src/trying/main';
