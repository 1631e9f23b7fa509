namespace Llama2;

/// <summary>
/// The tokens with which a model that was trained for it, such as Code Llama 7B and 13B, fills a gap in a text; see
/// <see cref="ModelTokenizer.EncodeInfill"/>.
/// </summary>
/// <param name="PrefixId">The id of the token before the text that precedes the gap.</param>
/// <param name="SuffixId">The id of the token before the text that follows the gap.</param>
/// <param name="MiddleId">The id of the token after which the model writes the text of the gap.</param>
public sealed record InfillTokens(int PrefixId, int SuffixId, int MiddleId);
