import { sayWith } from '../../protocol/wording.ts';
import { translate } from '../services/showMessage.ts';

/** Says labels of the protocol in the language of the window. */
export const say = sayWith(translate);
