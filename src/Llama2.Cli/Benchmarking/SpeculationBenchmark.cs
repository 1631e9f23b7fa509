using Llama2.Cli.Terminal;

namespace Llama2.Cli.Benchmarking;

/// <summary>
/// Measures how much faster a text is generated with guesses of its next tokens than without. Runs with and without guesses alternate, so that both meet
/// the same conditions.
/// </summary>
/// <param name="model">The model, with its draft model if there is one.</param>
/// <param name="prompt">The tokens of the prompt.</param>
/// <param name="generatedTokenCount">The number of tokens to generate, 2 or more.</param>
/// <param name="options">How tokens are chosen: without guesses.</param>
internal sealed class SpeculationBenchmark(LlamaModel model, int[] prompt, int generatedTokenCount, GenerationOptions options)
{
    private readonly List<GenerationUsage> _plain = [];
    private readonly List<GenerationUsage> _guessed = [];

    /// <summary>The results; available after at least one counted run.</summary>
    public IReadOnlyList<BenchmarkFigure> Figures =>
    [
        new("text prompt tokens", prompt.Length, "N0"),
        new("text tokens per second", [.. _plain.Select(usage => usage.GeneratedTokensPerSecond)], "N1", IsRepeated: true),
        new("text tokens per second with guesses", [.. _guessed.Select(usage => usage.GeneratedTokensPerSecond)], "N1", IsRepeated: true),
        new("text ratio with guesses", [.. _guessed.Zip(_plain, (guessed, plain) => guessed.GeneratedTokensPerSecond / plain.GeneratedTokensPerSecond)], "N2", IsRepeated: true),
        new("guessed tokens computed", [.. _guessed.Select(usage => (double)usage.DraftTokenCount)], "N0", IsRepeated: true),
        new("guessed tokens accepted", [.. _guessed.Select(usage => (double)usage.AcceptedDraftTokenCount)], "N0", IsRepeated: true),
    ];

    /// <summary>Generates the text without guesses and with them.</summary>
    /// <param name="isCounted">Whether the figures of this run are kept; those of a warm-up run are not.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CommandException">The two texts differ, which must never happen.</exception>
    public async Task RunOnceAsync(bool isCounted, CancellationToken cancellationToken)
    {
        // Keys and values of the prompt are reused, because only the generation is measured.
        GenerationOptions plainOptions = options with { MaxTokens = generatedTokenCount, ReusePrefix = true };
        GenerationResult plain = await model.GenerateAsync(prompt, plainOptions, cancellationToken).ToResultAsync(cancellationToken).ConfigureAwait(false);
        GenerationResult guessed = await model.GenerateAsync(prompt, plainOptions with { Speculation = null }, cancellationToken).ToResultAsync(cancellationToken).ConfigureAwait(false);
        if (guessed.Text != plain.Text)
        {
            throw new CommandException("The text with guesses is not the text without guesses: a fault of this program. Report it with the model's name.");
        }

        if (isCounted)
        {
            _plain.Add(plain.Usage);
            _guessed.Add(guessed.Usage);
        }
    }
}
