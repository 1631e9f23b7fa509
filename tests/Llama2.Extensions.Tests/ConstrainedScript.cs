using System.Collections.Concurrent;
using UnitTesting;

namespace Llama2.Extensions.Tests;

/// <summary>
/// A model that generates the given texts in order and keeps the prompts and options of its calls. Each text must be one that the call's constraint lets a
/// model write, from its first token to its end; any other causes an <see cref="InvalidOperationException"/>. Its context is long enough for many tools.
/// </summary>
internal sealed class ConstrainedScript(ModelTokenizer tokenizer, params string[] answers) : ILlamaModel
{
    private readonly ConcurrentQueue<string> _answers = new(answers);
    private readonly PromptRecorder _recorder = new(new ScriptedModel(tokenizer, answers));

    public ModelConfiguration Configuration => _recorder.Configuration with { ContextLength = 65_536 };

    public ModelTokenizer Tokenizer => tokenizer;

    /// <summary>The text of each call's prompt.</summary>
    public string[] Prompts => [.. _recorder.Prompts.Select(prompt => tokenizer.Decode(prompt))];

    public GenerationOptions[] Options => _recorder.Options;

    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (!_answers.TryDequeue(out string? answer))
            throw new InvalidOperationException("The script has no more answers.");
        if (options?.Constraint is { } constraint)
            Check(answer, constraint);
        return _recorder.GenerateAsync(promptTokens, options, cancellationToken);
    }

    public void Dispose()
    {
    }

    private void Check(string answer, OutputConstraint constraint)
    {
        ConstraintMatcher matcher = constraint.CreateMatcher(tokenizer);
        List<int> tokens = [];
        tokenizer.Encode(answer, tokens, addDummyPrefix: false);
        int accepted = tokens.TakeWhile(matcher.TryAccept).Count();
        if (accepted < tokens.Count || !matcher.CanEnd)
            throw new InvalidOperationException($"The constraint ({constraint}) allows only {accepted} of {tokens.Count} tokens of: {answer}");
    }
}
