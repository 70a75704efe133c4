import { vaultConformance } from '../conformance/index.ts';
import { openTestStorage } from '../testing/index.ts';

vaultConformance('sql', () => openTestStorage());
