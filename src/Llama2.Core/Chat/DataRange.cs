namespace Llama2.Chat;

/// <summary>Where a message's text lies in a stretch of prompt.</summary>
/// <param name="Start">The first character, in the stretch.</param>
/// <param name="End">One past the last.</param>
/// <param name="MessageIndex">Which message it is, or -1 if that is not known.</param>
/// <param name="ContentStart">Where in the message's content the text begins.</param>
internal readonly record struct DataRange(int Start, int End, int MessageIndex, int ContentStart);
