using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Answers prompts with the model as it is during training.</summary>
/// <param name="trainer">The trainer.</param>
/// <param name="prompts">The users' messages.</param>
/// <param name="format">The prompt format; null continues the prompts unchanged.</param>
/// <param name="maxTokens">The maximum number of tokens of an answer.</param>
internal sealed class SampleAnswers(LlamaTrainer trainer, IReadOnlyList<string> prompts, PromptFormat? format, int maxTokens)
{
    private readonly int[][] _tokens = [.. prompts.Select(prompt => format?.Encode([LlamaMessage.User(prompt)], trainer.Tokenizer) ?? trainer.Tokenizer.Encode(prompt))];

    /// <summary>Returns each prompt and its answer.</summary>
    public IEnumerable<(string Prompt, string Answer)> Generate(CancellationToken cancellationToken)
    {
        IReadOnlyList<int[]> answers = trainer.Generate(_tokens, maxTokens, cancellationToken);
        return prompts.Select((prompt, i) => (prompt, Decode(answers[i])));
    }

    private string Decode(int[] tokens)
    {
        StreamingDecoder decoder = trainer.Tokenizer.CreateStreamingDecoder(keepLeadingSpace: format is null);
        return string.Concat(tokens.Select(decoder.Append)) + decoder.Flush();
    }
}
