/**
 * What is used of chevrotain, in one place: the build bundles this file into one module, since the package's
 * own several hundred take a quarter of a second to load, more than everything else that a command on a space
 * does.
 */

export type {
  ILexingError,
  IRecognitionException,
  IToken,
  ITokenConfig,
  ParserMethod,
  TokenType,
} from 'chevrotain';
export { createToken, EmbeddedActionsParser, Lexer } from 'chevrotain';
