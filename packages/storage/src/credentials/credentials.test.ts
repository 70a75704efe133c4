import { recordsConformance } from '../conformance/index.ts';
import { openTestStorage } from '../testing/index.ts';

recordsConformance('an outside PostgreSQL', () => openTestStorage());
