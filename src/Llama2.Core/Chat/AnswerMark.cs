namespace Llama2.Chat;

/// <summary>The place in a part of a prompt at which an answer begins. The tokens before this place are the prompt for generating the answer.</summary>
/// <param name="Position">The number of characters of the part that are before the answer.</param>
/// <param name="MessageIndex">The index of the answer's message.</param>
internal readonly record struct AnswerMark(int Position, int MessageIndex);
