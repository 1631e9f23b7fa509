namespace Llama2.Server.Protocol;

/// <summary>The answer of <c>POST /tokenize</c> with <c>with_pieces</c>.</summary>
internal sealed record TokenPieceList(TokenPiece[] Tokens);
