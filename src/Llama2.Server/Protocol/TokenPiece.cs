using System.Text.Json;

namespace Llama2.Server.Protocol;

/// <summary>A token with what it stands for.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Piece">Its text or, if its bytes alone are not text, a list of these bytes.</param>
internal sealed record TokenPiece(int Id, JsonElement Piece);
