/**
 * The parts of chevrotain that the parsers use. The build bundles this file into one module: the package's
 * several hundred modules take a quarter of a second to load, more than the rest of a command on a space.
 */

export type {
  ILexingError,
  IParserErrorMessageProvider,
  IRecognitionException,
  IToken,
  ITokenConfig,
  ParserMethod,
  TokenType,
} from 'chevrotain';
export { createToken, defaultParserErrorProvider, EmbeddedActionsParser, Lexer } from 'chevrotain';
