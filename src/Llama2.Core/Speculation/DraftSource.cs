namespace Llama2;

/// <summary>A way to guess the next tokens of a text; see <see cref="SpeculationOptions.Sources"/>. Immutable and thread-safe.</summary>
/// <example><code>
/// var options = new SpeculationOptions { Sources = [DraftSource.PromptLookup, new DraftSource(context =&gt; new PhraseBook(context.Tokenizer))] };
/// </code></example>
public sealed class DraftSource
{
    /// <summary>Creates a source from your own drafter.</summary>
    /// <param name="create">
    /// Creates the drafter of a generation. Called once for each generation, on any thread, possibly on several threads at the same time. It must
    /// return a new object if the drafter has state.
    /// </param>
    public DraftSource(Func<DrafterContext, IDrafter> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Create = create;
    }

    private DraftSource()
    {
    }

    /// <summary>
    /// Looks for an earlier place in prompt and answer where the newest tokens occurred, and guesses the tokens that followed there (Saxena 2023,
    /// "Prompt Lookup Decoding"). Needs no second model. Right guesses are frequent where the answer repeats the prompt, as in summaries, answers about a
    /// document and changed code.
    /// </summary>
    public static DraftSource PromptLookup { get; } = new(context => new Speculation.PromptLookup(context.Capacity));

    /// <summary>
    /// Guesses with the small model that <see cref="LlamaModelOptions.DraftModel"/> names. If there is no such model, this source guesses nothing.
    /// </summary>
    public static DraftSource DraftModel { get; } = new();

    /// <summary>Creates the drafter of a generation; null for <see cref="DraftModel"/>.</summary>
    internal Func<DrafterContext, IDrafter>? Create { get; }
}
