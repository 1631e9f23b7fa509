using System.Runtime.CompilerServices;
using System.Text;

namespace Llama2.Evaluation;

/// <summary>
/// Measures how often a model calls the right functions with the right arguments, with the data and by the rules of the Berkeley Function Calling Leaderboard
/// (V4, AST evaluation). Prompts and calls are written as the prompt format's <see cref="ToolFormat"/> defines them. Thread-safe.
/// </summary>
/// <remarks>
/// The calls are scored by the same rules as those of published figures, but the prompts differ: each program that runs the leaderboard writes
/// prompts of its own.
/// </remarks>
public static class ToolCallEvaluation
{
    private static readonly OutputConstraint s_anyText = OutputConstraint.Regex(@"^[\s\S]*$");

    /// <summary>Asks the model the questions one after the other, and compares its calls with the answers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="options">How the model is asked; null for the defaults.</param>
    /// <param name="progress">Receives after each example the number of examples and the fraction of correct ones so far.</param>
    /// <param name="cancellationToken">Ends the evaluation, at the latest when the current layer of the model is computed.</param>
    /// <returns>
    /// The result of each example, as soon as it is known. If a prompt is longer than the context, or the schema of a function cannot be enforced,
    /// the result has the fault <see cref="ToolCallFault.NotAnswered"/>.
    /// </returns>
    /// <exception cref="PromptFormatException">The options state no prompt format, and the prompt format of the model is not known.</exception>
    /// <exception cref="LlamaException">
    /// The model cannot compute the answer; see <see cref="ILlamaModel.GenerateAsync(ReadOnlyMemory{int}, GenerationOptions?, CancellationToken)"/>.
    /// </exception>
    public static IAsyncEnumerable<ToolCallResult> RunAsync(
        ILlamaModel model,
        IReadOnlyCollection<ToolCallExample> examples,
        ToolCallEvaluationOptions? options = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(examples);
        return EvaluateAsync(model, examples, options ?? new ToolCallEvaluationOptions(), progress, cancellationToken);
    }

    private static async IAsyncEnumerable<ToolCallResult> EvaluateAsync(
        ILlamaModel model,
        IReadOnlyCollection<ToolCallExample> examples,
        ToolCallEvaluationOptions options,
        IProgress<EvaluationProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PromptFormat format = options.PromptFormat ?? model.CreateChatSession(cancellationToken: cancellationToken).PromptFormat;
        int count = 0, correctCount = 0;
        foreach (ToolCallExample example in examples)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ToolCallResult result = await AnswerAsync(model, example, options, format, cancellationToken).ConfigureAwait(false);
            correctCount += result.Verdict.IsCorrect ? 1 : 0;
            progress?.Report(new EvaluationProgress(++count, examples.Count, (double)correctCount / count));
            yield return result;
        }
    }

    private static async Task<ToolCallResult> AnswerAsync(
        ILlamaModel model, ToolCallExample example, ToolCallEvaluationOptions options, PromptFormat format, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        List<LlamaToolCall> calls = [];
        GenerationUsage? usage = null;
        try
        {
            // Each example has a session of its own, so that its prompt does not contain other examples.
            int maxCallCount = format.ToolFormat.AllowsSeveralCalls ? options.MaxCallCount : 1;
            var session = new ChatSessionOptions { PromptFormat = format, TurnOrder = TurnOrderPolicy.Arrange, Tools = example.Tools, MaxToolCallCount = maxCallCount };
            GenerationOptions generation = options.Generation with { Constraint = ToConstraint(example, options, format, maxCallCount) };
            IChatSession chat = model.CreateChatSession(session, cancellationToken);
            await foreach (GenerationUpdate update in chat.SendAsync(example.Messages, generation, cancellationToken).ConfigureAwait(false))
            {
                text.Append(update.Text);
                calls.AddRange(update.ToolCalls ?? []);
                usage = update.Usage ?? usage;
            }
        }
        catch (Exception exception) when (exception is ContextLengthException or OutputConstraintException)
        {
            return new ToolCallResult(example, text.ToString(), [], new ToolCallVerdict(ToolCallFault.NotAnswered, exception.Message), null);
        }

        return new ToolCallResult(example, text.ToString(), calls, example.Check(calls), usage);
    }

    // Null means the constraint that the session makes from its tools, which allows text, calls, or both.
    private static OutputConstraint? ToConstraint(ToolCallExample example, ToolCallEvaluationOptions options, PromptFormat format, int maxCallCount)
    {
        if (!options.Constrain)
            return s_anyText;
        return options.RequireCalls && example.ExpectsCalls ? format.ToolFormat.CreateConstraint(example.Tools, isRequired: true, maxCallCount) : null;
    }
}
