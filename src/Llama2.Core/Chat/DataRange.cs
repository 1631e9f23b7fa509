namespace Llama2.Chat;

/// <summary>The range of a message's text in a part of a prompt.</summary>
/// <param name="Start">The index of the first character in the part.</param>
/// <param name="End">The index after the last character.</param>
/// <param name="MessageIndex">The index of the message, or -1 if it is unknown.</param>
/// <param name="ContentStart">The index in the message's content at which the text begins.</param>
internal readonly record struct DataRange(int Start, int End, int MessageIndex, int ContentStart);
