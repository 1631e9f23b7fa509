using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The options for tensors that are trained as a whole and for new tokens, in the order in which the help lists them.</summary>
internal sealed class TokenSettings
{
    private readonly Option<SavedModules?> _savedModules = SavedModulesOption.Create();

    private readonly Option<string[]> _rows = RowsOption();

    private readonly Option<string[]> _tokens = Texts("--add-token", "Adds a token to the vocabulary; its text, wherever it occurs, becomes this one token. Its embeddings are trained. May be given several times.");

    private readonly Option<string[]> _specialTokens = Texts("--add-special-token", "Adds a control token, such as a tag of the prompt format, to the vocabulary. May be given several times.");

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [_savedModules, _rows, _tokens, _specialTokens];

    /// <summary>Checks the options before the command runs.</summary>
    public void Check(CommandResult result)
    {
        if (result.GetResult(_savedModules) is { Implicit: false } && result.GetValue<bool>("--full"))
        {
            result.AddError("--save-modules is for training an adapter; --full trains all weights.");
        }

        if (result.GetResult(_rows) is { Implicit: false } && result.GetValue<bool>("--full"))
        {
            result.AddError("--train-tokens is for training an adapter; --full trains all weights.");
        }

        foreach (IGrouping<string, string> repeated in Texts(result, _tokens).Concat(Texts(result, _specialTokens)).GroupBy(text => text).Where(group => group.Count() > 1))
        {
            result.AddError($"--add-token, --add-special-token: '{PrintableText.Shorten(repeated.Key, 40)}' is given twice.");
        }
    }

    /// <summary>Adds what the command line says to options.</summary>
    public TrainingOptions AddTo(TrainingOptions options, ParseResult result) => options with
    {
        Lora = options.Lora is { } lora ? lora with
        {
            SavedModules = result.GetValue(_savedModules) ?? SavedModules.None,
            EmbeddingTokens = Tokens(result, SavedModules.TokenEmbedding),
            OutputTokens = Tokens(result, SavedModules.Output),
        } : null,
        NewTokens = [.. (result.GetValue(_tokens) ?? []).Select(text => new NewToken(text)), .. (result.GetValue(_specialTokens) ?? []).Select(text => new NewToken(text, IsSpecial: true))],
    };

    /// <summary>What users of a written GGUF adapter must know; null if it is like any other adapter.</summary>
    public static string? NoteOn(TrainingOptions options) =>
        options.NewTokens.Count > 0 ? "the adapter adds tokens to the vocabulary: write a model with them by 'llama2 adapter merge' before it is used"
        : options.Lora is { EmbeddingTokens.Count: > 0 } or { OutputTokens.Count: > 0 } ? "the adapter has rows of single tokens, which llama.cpp does not load: merge it for llama.cpp by 'llama2 adapter merge'"
        : options.Lora is { SavedModules: not SavedModules.None } ? "the adapter has whole tensors, which llama.cpp does not load: merge it for llama.cpp by 'llama2 adapter merge'"
        : null;

    private static IEnumerable<string> Texts(CommandResult result, Option<string[]> option) => (result.GetResult(option)?.Tokens ?? []).Select(token => token.Value);

    private static Option<string[]> RowsOption()
    {
        var option = new Option<string[]>("--train-tokens")
        {
            Description = $"The ids of tokens whose rows of {Module(SavedModules.TokenEmbedding)} or {Module(SavedModules.Output)} are trained and stored in the adapter, as PEFT's trainable_token_indices, separated by commas; without MODULE=, those of {Module(SavedModules.TokenEmbedding)}. May be given several times.",
            HelpName = "[MODULE=]IDS",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        option.Validators.Add(result =>
        {
            int[] counts = new int[2];
            foreach (Token token in result.Tokens)
            {
                try
                {
                    (SavedModules module, int[] ids) = Rows(token.Value);
                    _ = new LoraOptions { EmbeddingTokens = ids };
                    if (counts[module == SavedModules.Output ? 1 : 0]++ > 0)
                        result.AddError($"--train-tokens: the tokens of {Module(module)} are given twice; give them in one list.");
                }
                catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
                {
                    result.AddError(exception is ArgumentException ? $"--train-tokens: {ErrorSentence.Of(exception)}"
                        : $"--train-tokens: '{PrintableText.Shorten(token.Value, 80)}' is not of the form [MODULE=]ID,ID…, where MODULE is {Module(SavedModules.TokenEmbedding)} or {Module(SavedModules.Output)}.");
                }
            }
        });
        return option;
    }

    private int[] Tokens(ParseResult result, SavedModules module)
        => (result.GetValue(_rows) ?? []).Select(Rows).Where(rows => rows.Module == module).Select(rows => rows.Ids).FirstOrDefault() ?? [];

    // The ids of a text of the form [MODULE=]ID,ID,…
    private static (SavedModules Module, int[] Ids) Rows(string text)
    {
        int equals = text.IndexOf('=');
        SavedModules module = equals < 0 ? SavedModules.TokenEmbedding : PeftModules.Saved.GetValueOrDefault(text[..equals]);
        return module is SavedModules.TokenEmbedding or SavedModules.Output
            ? (module, Array.ConvertAll(text[(equals + 1)..].Split(','), id => int.Parse(id, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture)))
            : throw new FormatException();
    }

    private static string Module(SavedModules module) => PeftModules.Saved.First(named => named.Value == module).Key;

    private static Option<string[]> Texts(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = "TEXT", AllowMultipleArgumentsPerToken = false };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError($"{name}: a token must have a text.");
        });
        return option;
    }
}
