using System.Text;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Chat;

/// <summary>The conversation of <c>llama2 chat</c>: answers go to standard output, notices to standard error.</summary>
/// <param name="model">The model that answers.</param>
/// <param name="session">The session that keeps the messages.</param>
/// <param name="generation">The options for generating answers.</param>
/// <param name="host">The console to which answers and notices are written.</param>
internal sealed class ChatConversation(LlamaModel model, IChatSession session, GenerationOptions generation, ConsoleHost host)
{
    /// <summary>The size in UTF-8 bytes of the longest message that a prompt format accepts.</summary>
    public const int MaxLineByteSize = 3 * PromptFormat.MaxTextLength;

    private IChatSession _session = session;
    private readonly List<LlamaMessage> _results = [];
    private LlamaMessage[]? _interrupted;
    private GenerationUpdate _last;
    private ulong _retryCount;

    /// <summary>Whether only answers are written, without notices.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Whether the conversation keeps the written part of an interrupted answer.</summary>
    public bool KeepsPartialAnswers { get; init; }

    /// <summary>The tools that the model may call.</summary>
    public IReadOnlyList<LlamaTool> Tools { get; init; } = [];

    // The calls of the last answer. The next messages are the results of these calls.
    private IReadOnlyList<LlamaToolCall> OpenCalls => _session.History is [.., { } last] ? last.ToolCalls : [];

    /// <summary>
    /// Sends a message, and writes the answer as a paragraph, followed by an empty line. If the last answer has calls, the message is the result of
    /// the first call that has no result yet; all results are sent together as soon as each call has one.
    /// </summary>
    public async Task SayAsync(string text, CancellationToken cancellationToken)
    {
        _retryCount = 0;
        IReadOnlyList<LlamaToolCall> calls = OpenCalls;
        LlamaMessage[] messages = [LlamaMessage.User(text)];
        if (calls.Count == 0)
        {
            _results.Clear();
        }
        else
        {
            messages = [.. _results, LlamaMessage.Tool(calls[_results.Count], text)];
            if (messages.Length < calls.Count)
            {
                _results.Add(messages[^1]);
                AskForResult();
                return;
            }
        }

        await AnswerAsync([.. _session.History, .. messages], _session.SendAsync(messages, generation, cancellationToken), cancellationToken).ConfigureAwait(false);
        _results.Clear();
        AskForResult();
    }

    /// <summary>Writes another answer to the last message.</summary>
    public async Task RetryAsync(CancellationToken cancellationToken)
    {
        if (_session.History.All(message => message.Role != LlamaRole.User))
        {
            throw new CommandException("There is no message to answer again.");
        }

        if (generation.Temperature == 0)
        {
            Tell("At temperature 0 the answer is always the same; --temperature 0.8 would vary it.");
        }

        // The seed changes, because with the same seed the model would write the same answer again.
        GenerationOptions another = generation with { Seed = generation.Seed + ++_retryCount };
        IEnumerable<LlamaMessage> said = _session.History.Reverse().SkipWhile(message => message.Role is not (LlamaRole.User or LlamaRole.Tool)).Reverse();
        await AnswerAsync([.. said], _session.RegenerateAsync(another, cancellationToken), cancellationToken).ConfigureAwait(false);
        _results.Clear();
        AskForResult();
    }

    /// <summary>Adds the last message and the written part of its interrupted answer to the conversation.</summary>
    /// <returns>False if partial answers are not kept, or if nothing was written.</returns>
    public bool TryKeepPartialAnswer()
    {
        LlamaMessage[]? interrupted = _interrupted;
        _interrupted = null;
        if (!KeepsPartialAnswers || interrupted is null)
            return false;
        _session.History = interrupted;
        return true;
    }

    /// <summary>Sets the system message of the following answers; an empty text removes it.</summary>
    public void SetSystemMessage(string text)
    {
        IEnumerable<LlamaMessage> said = _session.History.SkipWhile(message => message.Role == LlamaRole.System);
        _session.History = text.Length == 0 ? [.. said] : [LlamaMessage.System(text), .. said];
        Tell(text.Length == 0 ? "There is no system message now." : "The system message is set; the conversation is kept.");
    }

    /// <summary>Removes all messages except the system message.</summary>
    public void Reset()
    {
        _session.History = [.. _session.History.TakeWhile(message => message.Role == LlamaRole.System)];
        _results.Clear();
        _last = default;
        Tell(_session.History.Count == 0 ? "A new conversation." : "A new conversation with the same system message.");
    }

    public async Task SaveAsync(string path, CancellationToken cancellationToken)
    {
        await _session.SaveAsync(OutputPath.Require(path), cancellationToken).ConfigureAwait(false);
        Tell(Invariant($"Saved {_session.History.Count:N0} messages as '{path}'."));
    }

    public async Task LoadAsync(string path, CancellationToken cancellationToken)
    {
        _session = await model.RestoreChatSessionAsync(InputPath.Require(path), new() { Adapters = generation.Adapters, Tools = Tools }, cancellationToken).ConfigureAwait(false);
        _results.Clear();
        _last = default;
        Tell(Invariant($"Loaded {_session.History.Count:N0} messages from '{path}'."));
    }

    /// <summary>
    /// Writes the token counts and speed of the last answer, and how full the context is. The user asked for these figures, so they are written even
    /// if <see cref="IsQuiet"/> is true.
    /// </summary>
    public void ReportStatistics()
    {
        string messages = Invariant($"{_session.History.Count:N0} messages");
        if (_last.Usage is not { } usage)
        {
            Write($"{messages}; no answer since the conversation began or was loaded.");
            return;
        }

        int contextTokenCount = Math.Min(usage.PromptTokenCount + usage.GeneratedTokenCount, model.ContextLength);
        Write($"{GeneratedText.Cost(usage)}; {GeneratedText.End(_last.FinishReason!.Value)}");
        Write(Invariant(
            $"{messages}, {_session.DroppedMessageCount:N0} of them left out; context {contextTokenCount:N0} of {model.ContextLength:N0} tokens; {usage.CachedTokenCount:N0} prompt tokens were reused"));
    }

    private async Task AnswerAsync(LlamaMessage[] answered, IAsyncEnumerable<GenerationUpdate> updates, CancellationToken cancellationToken)
    {
        int droppedCount = _session.DroppedMessageCount;
        var written = new StringBuilder();
        try
        {
            _last = await GeneratedText.WriteAsync(CollectAsync(updates, written), host, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (written.Length > 0)
        {
            _interrupted = [.. answered, LlamaMessage.Assistant(written.ToString())];
            throw;
        }
        catch (ContextLengthException exception)
        {
            throw new CommandException(
                Invariant($"The conversation has {exception.PromptTokenCount:N0} tokens and the context holds {exception.ContextLength:N0}: /reset begins a new conversation; with --overflow drop the oldest turns would be left out."),
                exception);
        }

        await host.Output.WriteAsync('\n').ConfigureAwait(false);
        if (_last.FinishReason is FinishReason.MaxTokens or FinishReason.ContextLength)
        {
            Tell($"The answer is cut: {GeneratedText.End(_last.FinishReason.Value)}.");
        }

        if (_session.DroppedMessageCount > droppedCount)
        {
            Tell(Invariant($"The oldest {_session.DroppedMessageCount:N0} messages did not fit into the context and were left out."));
        }
    }

    // Collects the text, and shows each call on a separate line.
    private static async IAsyncEnumerable<GenerationUpdate> CollectAsync(IAsyncEnumerable<GenerationUpdate> updates, StringBuilder text)
    {
        bool hasText = false;
        await foreach (GenerationUpdate update in updates.ConfigureAwait(false))
        {
            text.Append(update.Text);
            string calls = string.Join('\n', (update.ToolCalls ?? []).Select(call => $"{call.Name} {call.Arguments.GetRawText()}"));
            string separator = calls.Length > 0 && hasText ? "\n" : "";
            hasText |= update.Text.Length + calls.Length > 0;
            yield return update with { Text = update.Text + (update.Text.Length > 0 && calls.Length > 0 ? "\n" : separator) + calls };
        }
    }

    private void AskForResult()
    {
        if (OpenCalls is { Count: > 0 } calls)
            Tell($"The model calls {calls[_results.Count].Name}: the next message is the result of this call.");
    }

    private void Tell(string notice)
    {
        if (!IsQuiet)
        {
            Write(notice);
        }
    }

    private void Write(string line) => host.Error.WriteLine($"llama2: {PrintableText.SingleLine(line)}");
}
