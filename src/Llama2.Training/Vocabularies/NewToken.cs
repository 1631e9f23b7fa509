namespace Llama2.Training;

/// <summary>A token that training adds to a model's vocabulary. Immutable.</summary>
/// <param name="Text">The text of the token, not empty.</param>
/// <param name="IsSpecial">
/// Whether it is a control token, such as a tag of a prompt format: text is never encoded as this token, only a prompt format's own tags are. Otherwise the
/// text, wherever it occurs, becomes this one token.
/// </param>
public sealed record NewToken(string Text, bool IsSpecial = false);
