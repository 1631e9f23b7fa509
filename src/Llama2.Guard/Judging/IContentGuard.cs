namespace Llama2.Guard;

/// <summary>Judges the last message of a conversation. Implementations are thread-safe: any number of calls may run at the same time.</summary>
public interface IContentGuard
{
    /// <summary>Judges the last message. The messages before it are context and are not judged again.</summary>
    /// <param name="request">The conversation.</param>
    /// <param name="cancellationToken">Ends the judging.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="GuardException">The guard cannot judge the message, for example because it is too long. The message is then not known to be safe.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    ValueTask<GuardVerdict> JudgeAsync(GuardRequest request, CancellationToken cancellationToken = default);
}
