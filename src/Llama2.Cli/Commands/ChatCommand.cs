using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Chat;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 chat</c>: chats with a model, on a terminal or line by line.</summary>
internal sealed class ChatCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 chat model.gguf --system "Answer in one sentence."
          llama2 chat model.gguf --format vicuna-v1.1 --system-preset vicuna --overflow drop
          llama2 chat model.gguf --temperature 0 < questions.txt > answers.txt
          llama2 chat model.gguf --tools tools.json
        """;

    private static readonly Dictionary<string, string> s_systemPresets = new()
    {
        ["meta-launch"] = SystemPrompts.MetaLaunch,
        ["vicuna"] = SystemPrompts.Vicuna,
        ["vicuna-v0"] = SystemPrompts.VicunaV0,
    };

    private readonly Argument<string> _model = InputPath.Argument("MODEL", $"The model, fine-tuned for chat: {InputPath.AnyModel}.");

    private readonly Option<string?> _system = new("--system") { Description = "The system message: instructions on how the model should behave.", HelpName = "TEXT" };

    private readonly Option<string> _systemPreset = ChoiceOption.Create(
        "--system-preset", "NAME", "A published system message, instead of one given with --system", [.. s_systemPresets.Keys], isRequired: false);

    private readonly Option<string> _format = ChoiceOption.Create(
        "--format", "NAME", "The model's prompt format", [.. PromptFormat.Presets.Select(format => format.Name)], isRequired: false, "that of its file");

    private readonly Option<string> _overflow = ChoiceOption.Create(
        "--overflow",
        "POLICY",
        "What happens if the conversation exceeds the context: it ends (stop), old turns are omitted before an answer (drop), or at any time (shift)",
        ["stop", "drop", "shift"],
        isRequired: false,
        "stop");

    private readonly Option<string?> _tools = new("--tools")
    {
        Description = "Tools that the model may call: a JSON array of functions with name, description and parameters (a JSON schema). A call is shown, and the next message that you type is its result.",
        HelpName = "FILE",
    };

    private readonly Option<int?> _maxTokens = MaxTokensOption.Create();
    private readonly ConstraintOptions _constraint = new(readsInput: false);
    private readonly SamplingOptions _sampling = new();
    private readonly TextsOption _stop = StopOption.Create();
    private readonly Option<string[]> _adapters = AdapterOption.Create();
    private readonly LoadingOptions _loading = new();

    private readonly Option<bool> _keepPartial = new("--keep-partial")
    {
        Description = "When Ctrl+C stops an answer, keeps the message and the written part of the answer in the conversation. Default: removes both.",
    };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no notices on standard error." };

    public Command Create()
    {
        var command = new Command(
            "chat",
            "Chats with a model. On a terminal a message may have several lines; otherwise each line of standard input is a message. Messages that begin with a slash are commands such as /help. Each answer is a paragraph of standard output.")
        {
            _model,
        };
        foreach (Option option in (Option[])[_system, _systemPreset, _format, _overflow, _tools, _maxTokens, .. _constraint.All, .. _sampling.All, _stop.Option, _adapters, .. _loading.All, _keepPartial, _quiet])
        {
            command.Add(option);
        }

        command.Validators.Add(_constraint.Check);
        command.Validators.Add(_sampling.Check);
        command.Validators.Add(_stop.Check);
        command.Validators.Add(CheckSystem);
        command.Validators.Add(result => _constraint.CheckAlone(result, _tools));
        command.SetAction(RunAsync);
        return command;
    }

    private void CheckSystem(CommandResult result)
    {
        if (result.GetResult(_system) is not null && result.GetResult(_systemPreset) is not null)
        {
            result.AddError("--system and --system-preset: a conversation can have only one system message; give one of them.");
        }
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        bool isQuiet = result.GetValue(_quiet);
        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host);
        RequireFormat(path, result, cancellationToken);
        OutputConstraint? constraint = await _constraint.ReadAsync(result, host, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<LlamaTool> tools = result.GetValue(_tools) is { } file ? await ToolsFile.ReadAsync(file, cancellationToken).ConfigureAwait(false) : [];
        using LlamaModel model = await ModelLoading.LoadAsync(path, _loading.Read(result), host, isQuiet, cancellationToken).ConfigureAwait(false);
        GenerationOptions generation = _sampling.Read(result) with
        {
            MaxTokens = result.GetValue(_maxTokens),
            Constraint = constraint,
            StopSequences = _stop.Read(result) ?? [],
            Adapters = AdapterOption.Load(result, _adapters, model, host, cancellationToken),
        };
        IChatSession session = CreateSession(model, generation, tools, result, cancellationToken);
        var conversation = new ChatConversation(model, session, generation, host) { IsQuiet = isQuiet, KeepsPartialAnswers = result.GetValue(_keepPartial), Tools = tools };
        if (!host.IsInputTerminal)
        {
            await AnswerLinesAsync(conversation, cancellationToken).ConfigureAwait(false);
            return ExitCodes.Success;
        }

        if (!isQuiet)
        {
            await host.Error.WriteLineAsync(Invariant(
                $"llama2: prompt format: {(session.PromptFormat.Name == "template" ? "the model's chat template" : session.PromptFormat.Name)}; context: {model.ContextLength:N0} tokens. /help lists the commands, Ctrl+C ends an answer.")).ConfigureAwait(false);
        }

        await new TerminalChat(conversation, host).RunAsync(cancellationToken).ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private IChatSession CreateSession(LlamaModel model, GenerationOptions generation, IReadOnlyList<LlamaTool> tools, ParseResult result, CancellationToken cancellationToken)
    {
        string? format = result.GetValue(_format);
        string? system = result.GetValue(_systemPreset) is { } preset ? s_systemPresets[preset] : result.GetValue(_system);
        var options = new ChatSessionOptions
        {
            PromptFormat = format is null ? null : PromptFormat.Presets.Single(preset => preset.Name == format),
            SystemPrompt = string.IsNullOrEmpty(system) ? null : system,
            Generation = generation,
            Tools = tools,
            Overflow = result.GetValue(_overflow) switch
            {
                "drop" => ContextOverflow.DropOldestTurns,
                "shift" => ContextOverflow.Shift,
                _ => ContextOverflow.Stop,
            },
        };
        return Explain(format, () => model.CreateChatSession(options, cancellationToken));
    }

    // Reading the metadata takes milliseconds and reading the weights may take a minute, so an unknown prompt format is reported before the weights
    // are read.
    private void RequireFormat(string path, ParseResult result, CancellationToken cancellationToken)
    {
        string? format = result.GetValue(_format);
        if (format is null)
        {
            Explain(format, () => PromptFormat.Detect(ModelFileInformation.Read(path), cancellationToken));
        }
    }

    private static T Explain<T>(string? format, Func<T> find)
    {
        try
        {
            return find();
        }
        catch (LlamaException exception) when (format is null && exception is PromptFormatException or PromptTemplateException)
        {
            throw new CommandException($"{exception.Message} The format is given with --format NAME.", exception);
        }
    }

    // Without a terminal, no user could react to an error before the next message is answered, so an error ends the command.
    private async Task AnswerLinesAsync(ChatConversation conversation, CancellationToken cancellationToken)
    {
        var lines = new LineReader(host.Input, ChatConversation.MaxLineByteSize);
        var directives = new ChatDirectives(conversation, host.Error);
        while (!directives.IsExit && await lines.ReadTextAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            try
            {
                await directives.TakeAsync(line, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (ErrorSentence.Explains(exception))
            {
                throw new CommandException(Invariant($"line {lines.LineNumber}: {ErrorSentence.Of(exception)}"), exception);
            }
        }
    }
}
