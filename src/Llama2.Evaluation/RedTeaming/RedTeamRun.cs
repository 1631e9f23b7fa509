using Llama2.Evaluation.Running;

namespace Llama2.Evaluation.RedTeaming;

/// <summary>The conversations of one test.</summary>
/// <param name="backend">The model, with a journal.</param>
/// <param name="options">How to run.</param>
/// <param name="progress">Receives the progress.</param>
/// <param name="totalCount">The number of all conversations.</param>
internal sealed class RedTeamRun(JournaledBackend backend, RedTeamOptions options, IProgress<EvaluationRunProgress>? progress, int totalCount)
{
    private readonly Lock _progressLock = new();
    private int _completedCount;

    /// <summary>Conducts the conversations, and judges their last answers.</summary>
    public async Task<AttackResult[]> ComputeAsync((AttackStyle Style, RedTeamBehavior Behavior)[] attacks, IAttackJudge judge, CancellationToken cancellationToken)
    {
        var results = new AttackResult[attacks.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ConcurrentCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, attacks.Length), parallel, async (index, token) =>
        {
            (AttackStyle style, RedTeamBehavior behavior) = attacks[index];
            AttackTranscript transcript = await TalkAsync(style, behavior, token).ConfigureAwait(false);
            results[index] = new AttackResult(transcript, await judge.JudgeAsync(transcript, token).ConfigureAwait(false));
            Report(style.Name);
        }).ConfigureAwait(false);
        return results;
    }

    private async Task<AttackTranscript> TalkAsync(AttackStyle style, RedTeamBehavior behavior, CancellationToken cancellationToken)
    {
        Attack attack = style.Create(behavior);
        List<LlamaMessage> messages = [];
        if (options.SystemPrompt is { Length: > 0 } system)
            messages.Add(LlamaMessage.System(system));
        messages.AddRange(attack.History);
        string answer = "";
        bool isTruncated = false;
        for (int i = 0; i < attack.UserTurns.Count; i++)
        {
            messages.Add(LlamaMessage.User(attack.UserTurns[i]));
            string prefix = i == attack.UserTurns.Count - 1 ? attack.AnswerPrefix : "";
            EvaluationResponse response = await backend.AnswerAsync(
                new GenerationRequest(new EvaluationPrompt([.. messages], prefix)) { MaxTokens = options.MaxTokens }, cancellationToken).ConfigureAwait(false);
            isTruncated |= response.IsTruncated;
            answer = (prefix + response.Text).Trim();
            messages.Add(LlamaMessage.Assistant(answer));
        }

        return new AttackTranscript(behavior, style.Name, messages, style.Decode(answer)) { IsTruncated = isTruncated };
    }

    private void Report(string styleName)
    {
        // The lock keeps the reports in the order of their counts.
        lock (_progressLock)
            progress?.Report(new EvaluationRunProgress(styleName, ++_completedCount, totalCount, backend.StoredResponseCount));
    }
}
