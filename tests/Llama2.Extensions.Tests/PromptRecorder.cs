using System.Collections.Concurrent;

namespace Llama2.Extensions.Tests;

/// <summary>A model that generates as another does, and keeps the prompts and options that it was given.</summary>
internal sealed class PromptRecorder(ILlamaModel model) : ILlamaModel
{
    private readonly ConcurrentQueue<(int[] Prompt, GenerationOptions Options)> _calls = [];

    public int[][] Prompts => [.. _calls.Select(call => call.Prompt)];

    public GenerationOptions[] Options => [.. _calls.Select(call => call.Options)];

    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        _calls.Enqueue((promptTokens.ToArray(), options ?? new GenerationOptions()));
        return model.GenerateAsync(promptTokens, options, cancellationToken);
    }

    public void Dispose()
    {
    }
}
