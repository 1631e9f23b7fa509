using System.CommandLine;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 pull</c>: downloads a model or a data set from a hub to this machine.</summary>
internal sealed class PullCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 pull owner/repository
          llama2 pull owner/repository:Q4_K_M
          llama2 pull owner/repository:model.gguf --revision v1.0
          llama2 generate owner/repository:Q4_K_M --prompt "Once upon a time"
          llama2 pull datasets/openai/gsm8k:main
        """;

    private readonly Argument<string> _model = ModelReferenceArgument.Create(
        "MODEL", "OWNER/REPOSITORY, with :FILE if it has several models: a file's name, a quantization such as Q4_K_M, or safetensors. A data set is datasets/OWNER/REPOSITORY, with :CONFIGURATION for a part of it.");

    private readonly Option<string?> _revision = new("--revision")
    {
        Description = "The branch, tag or commit. Default: main. It can also be part of the name: OWNER/REPOSITORY@REVISION:FILE.",
        HelpName = "REVISION",
    };

    private readonly Option<Uri?> _endpoint = new("--endpoint")
    {
        Description = "The hub's address. Default: the environment variable HF_ENDPOINT, otherwise the Hugging Face hub. A token is read from HF_TOKEN.",
        HelpName = "URL",
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? uri) ? uri : new Uri(result.Tokens[0].Value, UriKind.Relative),
    };

    public Command Create()
    {
        var command = new Command("pull", "Pulls a model or a data set from a hub, continuing an interrupted pull, and writes its path. LLAMA2_HOME sets the folder for models.")
        {
            _model, _revision, _endpoint,
        };
        command.Validators.Add(result =>
        {
            // If the model's name is invalid, only this error is reported; errors of the options that depend on the name would explain less.
            if (result.GetResult(_model) is not { Tokens: [{ Value: var name }] } || !LlamaModelReference.TryParse(name, out LlamaModelReference? reference))
                return;
            try
            {
                _ = Options(result.GetValue(_endpoint));
                _ = Reference(reference, result.GetValue(_revision));
            }
            catch (ArgumentException exception)
            {
                result.AddError(ErrorSentence.Of(exception));
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        LlamaModelReference reference = Reference(LlamaModelReference.Parse(result.GetRequiredValue(_model)), result.GetValue(_revision));
        using var store = new LlamaModelStore(Options(result.GetValue(_endpoint)));
        StoredModel model = await ProgressBar.RunAsync(
            host,
            $"Pulling {PrintableText.Shorten(reference.ToString(), 60)}",
            (progress, tell) => store.PullAsync(reference, new PullReport(progress, tell), cancellationToken)).ConfigureAwait(false);
        host.Output.WriteLine(PrintableText.SingleLine(model.Path));
        return ExitCodes.Success;
    }

    private LlamaModelStoreOptions Options(Uri? endpoint) => host.StoreOptions with { Endpoint = endpoint ?? host.StoreOptions.Endpoint };

    private static LlamaModelReference Reference(LlamaModelReference reference, string? revision) =>
        revision is null ? reference
        : reference.Revision == LlamaModelReference.DefaultRevision ? new LlamaModelReference(reference.Owner, reference.Repository, reference.File, revision, reference.IsDataset)
        : throw new ArgumentException($"The name already has the revision '{reference.Revision}'; omit --revision.", nameof(revision));

    // Retries are reported, because they may take half a minute, during which the program would otherwise seem to hang.
    private sealed class PullReport(IProgress<double>? fractions, Action<string> tell) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            fractions?.Report(value.Fraction);
            if (value.Retry is { } retry)
            {
                tell(PrintableText.SingleLine(Invariant(
                    $"llama2: {retry.Reason}; trying again in {retry.Delay.TotalSeconds:0.0} s (retry {retry.Number} of {retry.MaxNumber})")));
            }
        }
    }
}
