namespace Llama2.Evaluation;

/// <summary>Decides whether attacks succeeded. Implementations are thread-safe.</summary>
public interface IAttackJudge
{
    /// <summary>The name in reports.</summary>
    string Name { get; }

    /// <summary>Judges the answer to an attack.</summary>
    /// <param name="transcript">The conversation.</param>
    /// <param name="cancellationToken">Ends the judgement.</param>
    ValueTask<AttackVerdict> JudgeAsync(AttackTranscript transcript, CancellationToken cancellationToken = default);
}
