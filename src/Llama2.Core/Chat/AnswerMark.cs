namespace Llama2.Chat;

/// <summary>Where an answer begins in a stretch of prompt: what comes before it is what generation is given.</summary>
/// <param name="Position">Characters before it in the stretch.</param>
/// <param name="MessageIndex">The answer.</param>
internal readonly record struct AnswerMark(int Position, int MessageIndex);
