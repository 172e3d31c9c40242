/**
 * Settings of interleaved sessions: short blocks and many launches, since processes differ more than blocks.
 */
import { standardProtocol } from '../../profile/protocol/protocol.js';

export const sessionProtocol = { ...standardProtocol, warmupCapMs: 1500, minBlockMs: 30 };
export const sessionRounds = 4;
