namespace Llama2.Chat;

/// <summary>Where an answer begins in a part of a prompt. The tokens before that place are the prompt for generating the answer.</summary>
/// <param name="Position">The number of characters of the part that are before the answer.</param>
/// <param name="MessageIndex">The index of the answer's message.</param>
internal readonly record struct AnswerMark(int Position, int MessageIndex);
