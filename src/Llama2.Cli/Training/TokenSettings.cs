using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The options for tensors that are trained as a whole and for new tokens, in the order in which the help lists them.</summary>
internal sealed class TokenSettings
{
    private readonly Option<SavedModules?> _savedModules = SavedModulesOption.Create();

    private readonly Option<string[]> _tokens = Texts("--add-token", "Adds a token to the vocabulary; its text, wherever it occurs, becomes this one token. Its embeddings are trained. May be given several times.");

    private readonly Option<string[]> _specialTokens = Texts("--add-special-token", "Adds a control token, such as a tag of the prompt format, to the vocabulary. May be given several times.");

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [_savedModules, _tokens, _specialTokens];

    /// <summary>Checks the options before the command runs.</summary>
    public void Check(CommandResult result)
    {
        if (result.GetResult(_savedModules) is { Implicit: false } && result.GetValue<bool>("--full"))
        {
            result.AddError("--save-modules is for training an adapter; --full trains all weights.");
        }

        foreach (IGrouping<string, string> repeated in Texts(result, _tokens).Concat(Texts(result, _specialTokens)).GroupBy(text => text).Where(group => group.Count() > 1))
        {
            result.AddError($"--add-token, --add-special-token: '{PrintableText.Shorten(repeated.Key, 40)}' is given twice.");
        }
    }

    /// <summary>Adds what the command line says to options.</summary>
    public TrainingOptions AddTo(TrainingOptions options, ParseResult result) => options with
    {
        Lora = options.Lora is { } lora ? lora with { SavedModules = result.GetValue(_savedModules) ?? SavedModules.None } : null,
        NewTokens = [.. (result.GetValue(_tokens) ?? []).Select(text => new NewToken(text)), .. (result.GetValue(_specialTokens) ?? []).Select(text => new NewToken(text, IsSpecial: true))],
    };

    /// <summary>What users of a written GGUF adapter must know; null if it is like any other adapter.</summary>
    public static string? NoteOn(TrainingOptions options) =>
        options.NewTokens.Count > 0 ? "the adapter adds tokens to the vocabulary: write a model with them by 'llama2 adapter merge' before it is used"
        : options.Lora is { SavedModules: not SavedModules.None } ? "the adapter has whole tensors, which llama.cpp does not load: merge it for llama.cpp by 'llama2 adapter merge'"
        : null;

    private static IEnumerable<string> Texts(CommandResult result, Option<string[]> option) => (result.GetResult(option)?.Tokens ?? []).Select(token => token.Value);

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
