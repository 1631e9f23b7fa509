namespace Llama2;

/// <summary>
/// The tokens with which a model fills a gap in a text, if the model was trained for this, as Code Llama 7B and 13B were; see
/// <see cref="ModelTokenizer.EncodeInfill"/>.
/// </summary>
/// <param name="PrefixId">The id of the token before the text that precedes the gap.</param>
/// <param name="SuffixId">The id of the token before the text that follows the gap.</param>
/// <param name="MiddleId">The id of the token after which the model writes the text of the gap.</param>
public sealed record InfillTokens(int PrefixId, int SuffixId, int MiddleId);
