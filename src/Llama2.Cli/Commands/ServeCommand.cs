using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Serving;
using Llama2.Cli.Terminal;
using Llama2.Extensions;
using Llama2.Extensions.Routing;
using Llama2.Server;
using Microsoft.Extensions.Logging;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 serve</c>: answers requests over HTTP with models, in OpenAI's and Anthropic's protocols.</summary>
internal sealed class ServeCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 serve model.gguf
          llama2 serve owner/repository:Q4_K_M --port 9000
          llama2 serve chat=chat.Q4_K_M.gguf code=code.Q4_K_M.gguf --context 4096 --lazy
          llama2 serve a.gguf b.gguf c.gguf --memory 12GB --idle 10m --alias gpt-4o=a
          llama2 serve model.gguf --adapter poems.gguf=0.5
          llama2 serve model.gguf --host 0.0.0.0 --keys keys.txt --requests-per-minute 60
          curl http://127.0.0.1:8080/v1/models
        """;

    private readonly Argument<string[]> _models = new("MODEL")
    {
        Description = $"A model: {InputPath.AnyModel}. NAME=MODEL gives it the name by which requests choose it. Several may be given.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<IPAddress> _host = HostOption.Create();

    private readonly Option<int?> _port = NumberOption.Create<int>(
        "--port", "N", "The TCP port; 0 takes a free one.", port => new IPEndPoint(IPAddress.Loopback, port), 8080, "-p");

    private readonly Option<bool> _warmUp = new("--warm-up") { Description = "Loads all models at the start, and not only the first. Otherwise, each of the others is loaded by its first request." };

    private readonly Option<bool> _lazy = new("--lazy") { Description = "Loads no model at the start; each model is loaded by its first request." };

    private readonly Option<string[]> _adapters = AdapterOption.Create();

    private readonly Option<string[]> _aliases = new("--alias")
    {
        Description = "A further name of a model, or of the model with its adapter (MODEL:ADAPTER): requests for ALIAS are answered by NAME. May be given several times.",
        HelpName = "ALIAS=NAME",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<MemorySize?> _memory = MemorySizeOption.Create(
        "--memory", "The memory of all loaded models together, such as 8GB; models are unloaded to make room for others. Default: four fifths of the memory.", RouterRanges.MinMemoryByteSize, "1MiB");

    private readonly Option<TimeSpan?> _idle = DurationOption.Create(
        "--idle", "The time without a request after which a model is unloaded.", "never", RouterRanges.Times,
        time => RouterRanges.AllowsTime(time) ? time : throw new ArgumentOutOfRangeException(nameof(time)));

    private readonly Option<int?> _contexts = NumberOption.Create<int>(
        "--contexts", "N", "How many full contexts of keys and values each model has room for; many short conversations fit into one.",
        count => RouterRanges.AllowsContextCount(count) ? count : throw new ArgumentOutOfRangeException(nameof(count)), new LlamaRouterOptions().ContextCount);

    private readonly LoadingOptions _loading = new();

    private readonly Option<int?> _maxWaiting = NumberOption.Create<int>(
        "--max-waiting", "N", "The maximum number of requests of a model that wait for a place; further requests are answered with the status 429.",
        count => new LlamaModelOptions { MaxWaitingCount = count }, new LlamaModelOptions().MaxWaitingCount);

    private readonly Option<string?> _keys = new("--keys")
    {
        Description = $"The file of API keys of those who may use the server, as 'llama2 key' writes it. Further keys are read from the environment variable {LlamaApiKeyOptions.DefaultEnvironmentVariable}.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _openMetrics = new("--open-metrics") { Description = "GET /metrics needs no key, although other requests need one." };

    private readonly ServerLimitOptions _limits = new();

    private readonly Option<TimeSpan?> _shutdown = DurationOption.Create(
        "--shutdown", "How long running requests may continue after Ctrl+C or SIGTERM.", DurationOption.Format(new LlamaServerOptions().ShutdownGrace), "from 0 to 24 hours",
        time => new LlamaServerOptions { ShutdownGrace = time });

    private readonly Option<string> _log = ChoiceOption.Create(
        "--log", "LEVEL", "The least severe entries of the log that are written to standard error", ["none", "error", "warning", "information", "debug"], isRequired: false, "warning");

    private readonly Option<bool> _logPrompts = new("--log-prompts") { Description = "Logs the prompts of requests, which are otherwise not logged. Needs --log information or --log debug." };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no notices on standard error." };

    public Command Create()
    {
        var command = new Command(
            "serve",
            "Serves models over HTTP in OpenAI's and Anthropic's protocols, until Ctrl+C or SIGTERM. Writes the server's address to standard output when it listens.")
        {
            _models,
        };
        _models.Validators.Add(CheckModels);
        foreach (Option option in (Option[])[_host, _port, _warmUp, _lazy, _adapters, _aliases, _memory, _idle, _contexts, .. _loading.All, _maxWaiting, _keys, _openMetrics, .. _limits.All, _shutdown, _log, _logPrompts, _quiet])
        {
            command.Add(option);
        }

        command.Validators.Add(CheckOptions);
        command.SetAction(RunAsync);
        return command;
    }

    private static void CheckModels(ArgumentResult result)
    {
        if (Suggestion.RefuseOption(result))
            return;
        try
        {
            _ = NamedModel.ParseAll(result.Tokens.Select(token => token.Value));
        }
        catch (CommandException exception)
        {
            result.AddError(exception.Message);
        }
    }

    private static IEnumerable<string> TextsOf(SymbolResult? result) => result?.Tokens.Select(token => token.Value) ?? [];

    private void CheckAliases(CommandResult result)
    {
        NamedModel[] models;
        string[] adapters;
        try
        {
            models = NamedModel.ParseAll(TextsOf(result.GetResult(_models)));
            adapters = [.. TextsOf(result.GetResult(_adapters)).Select(text => AdapterOption.Split(text).Path)];
        }
        catch (CommandException)
        {
            // A model or an adapter is wrong, which has its own error.
            return;
        }

        try
        {
            _ = ModelAlias.ParseAll(TextsOf(result.GetResult(_aliases)), models, adapters);
        }
        catch (CommandException exception)
        {
            result.AddError($"--alias: {exception.Message}");
        }
    }

    private void CheckOptions(CommandResult result)
    {
        if (result.GetValue(_warmUp) && result.GetValue(_lazy))
            result.AddError("--warm-up and --lazy exclude each other; give one of them.");
        // The value of an option that is not valid cannot be read; it has its own error.
        string? level = result.GetResult(_log)?.Tokens is [{ Value: var text }] ? text : null;
        if (result.GetValue(_logPrompts) && !IsAtLeastInformation(level))
            result.AddError("--log-prompts: prompts are logged at the level information; add --log information.");
        CheckAliases(result);
        if (result.GetResult(_adapters) is { Tokens.Count: > 0 } && result.GetResult(_models)?.Tokens.Count > 1)
            result.AddError("--adapter: with several models it is not known which of them the adapter belongs to; serve one model.");
    }

    private static bool IsAtLeastInformation(string? level) =>
        level is not null && (!Enum.TryParse(level, ignoreCase: true, out LogLevel least) || least <= LogLevel.Information);

    private LlamaServerOptions ReadEndpoints(ParseResult result)
    {
        LlamaServerOptions limits = _limits.Read(result);
        return limits with
        {
            ShutdownGrace = result.GetValue(_shutdown) ?? limits.ShutdownGrace,
            LogPrompts = result.GetValue(_logPrompts),
            RequireApiKeyForMetrics = !result.GetValue(_openMetrics),
        };
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        NamedModel[] models = NamedModel.ParseAll(result.GetRequiredValue(_models));
        var settings = new ServerSettings
        {
            Models = [.. models.Select(model => (model, model.RequirePath(host)))],
            LoadedCount = result.GetValue(_lazy) ? 0 : result.GetValue(_warmUp) ? models.Length : 1,
            Adapters = [.. (result.GetValue(_adapters) ?? []).Select(AdapterOption.Split).Select(adapter => (InputPath.RequireFileOrFolder(adapter.Path), adapter.Scale))],
            Aliases = [.. (result.GetValue(_aliases) ?? []).Select(ModelAlias.Parse)],
            MemoryByteSize = result.GetValue(_memory)?.ByteSize,
            ContextCount = result.GetRequiredValue(_contexts)!.Value,
            IdleTime = result.GetValue(_idle),
            Loading = ModelLoading.Resolve(_loading.Read(result), host) with { MaxWaitingCount = result.GetRequiredValue(_maxWaiting)!.Value },
            Address = result.GetRequiredValue(_host),
            Port = result.GetRequiredValue(_port)!.Value,
            KeysPath = KeyFile.Require(result.GetValue(_keys)),
            Endpoints = ReadEndpoints(result),
            LogLevel = Enum.Parse<LogLevel>(result.GetValue(_log) ?? nameof(LogLevel.Warning), ignoreCase: true),
            IsQuiet = result.GetValue(_quiet),
        };
        await new ModelServer(settings, host).RunAsync(cancellationToken).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
