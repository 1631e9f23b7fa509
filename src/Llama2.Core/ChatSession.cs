using System.Runtime.CompilerServices;
using Llama2.Chat;
using Llama2.Formats;

namespace Llama2;

/// <summary>The one implementation of <see cref="IChatSession"/>: a list of messages, and the turn that makes a prompt of it.</summary>
internal sealed class ChatSession : IChatSession
{
    // Of the context, kept free for an answer whose length is not limited.
    private const int AnswerShare = 4;
    private readonly LlamaModel _model;
    private readonly ChatSessionOptions _options;
    private LlamaMessage[] _history;
    private int _turnCount;

    /// <param name="model">The model.</param>
    /// <param name="options">With a prompt format.</param>
    /// <param name="history">The conversation so far.</param>
    public ChatSession(LlamaModel model, ChatSessionOptions options, IEnumerable<LlamaMessage> history)
    {
        _model = model;
        _options = options;
        _history = Copy(history, nameof(history));
    }

    public PromptFormat PromptFormat => _options.PromptFormat!;

    public IReadOnlyList<LlamaMessage> History
    {
        get => Array.AsReadOnly(_history);
        set
        {
            LlamaMessage[] history = Copy(value, nameof(History));
            BeginTurn();
            (_history, DroppedMessageCount) = (history, 0);
            EndTurn();
        }
    }

    public int DroppedMessageCount { get; private set; }

    public IAsyncEnumerable<GenerationUpdate> SendAsync(string text, GenerationOptions? options = null, CancellationToken cancellationToken = default)
        => SendAsync([LlamaMessage.User(text)], options, cancellationToken);

    public IAsyncEnumerable<GenerationUpdate> SendAsync(
        IEnumerable<LlamaMessage> messages, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        LlamaMessage[] added = Copy(messages, nameof(messages));
        return added.Length > 0
            ? AnswerAsync(history => [.. history, .. added], options, cancellationToken)
            : throw new ArgumentException("There are no messages to answer.", nameof(messages));
    }

    public IAsyncEnumerable<GenerationUpdate> RegenerateAsync(GenerationOptions? options = null, CancellationToken cancellationToken = default)
        => AnswerAsync(WithoutAnswer, options, cancellationToken);

    public IChatSession Fork() => new ChatSession(_model, _options, _history);

    public async Task SaveAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        BeginTurn();
        try
        {
            await ChatSessionDocument.WriteAsync(stream, _model.Fingerprint, _options, _history, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            EndTurn();
        }
    }

    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        using var file = new AtomicFile(path);
        await SaveAsync(file.Stream, cancellationToken).ConfigureAwait(false);
        file.Commit();
    }

    private static LlamaMessage[] Copy(IEnumerable<LlamaMessage> messages, string name)
    {
        ArgumentNullException.ThrowIfNull(messages, name);
        LlamaMessage[] copy = [.. messages];
        return Array.TrueForAll(copy, message => message is not null) ? copy : throw new ArgumentException("A message is null.", name);
    }

    private static LlamaMessage[] WithoutAnswer(LlamaMessage[] history)
    {
        int count = Array.FindLastIndex(history, message => message.Role == LlamaRole.User) + 1;
        return count > 0 ? history[..count] : throw new InvalidOperationException("Nothing was said that could be answered: send a message first.");
    }

    private async IAsyncEnumerable<GenerationUpdate> AnswerAsync(
        Func<LlamaMessage[], LlamaMessage[]> extend, GenerationOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BeginTurn();
        try
        {
            LlamaMessage[] conversation = extend(_history);
            GenerationOptions generation = options ?? _options.Generation;
            int[] prompt = Encode(conversation, generation, out int droppedCount);
            var answer = new AnswerText();
            await foreach (GenerationUpdate update in _model.GenerateAsync(prompt, Complete(generation, conversation, prompt), cancellationToken).ConfigureAwait(false))
            {
                string text = answer.Append(update.Text);
                if (update.FinishReason is not null)
                {
                    (_history, DroppedMessageCount) = ([.. conversation, LlamaMessage.Assistant(answer.ToString())], droppedCount);
                }

                yield return update with { Text = text };
            }
        }
        finally
        {
            EndTurn();
        }
    }

    // What the format ends answers with; and, where the context may shift, what of the prompt stays.
    private GenerationOptions Complete(GenerationOptions generation, LlamaMessage[] conversation, int[] prompt)
    {
        generation = generation with
        {
            StopSequences = [.. generation.StopSequences.Union(PromptFormat.StopSequences)],
            StopTokens = [.. generation.StopTokens.Union(PromptFormat.FindStopTokens(_model.Tokenizer))],
        };
        return _options.Overflow == ContextOverflow.Shift ? generation with { AttentionSinkCount = CountSystemTokens(conversation, prompt) } : generation;
    }

    // The tokens that the prompt shares with that of another conversation under the same system message.
    private int CountSystemTokens(LlamaMessage[] conversation, int[] prompt)
    {
        IEnumerable<LlamaMessage> system = conversation.TakeWhile(message => message.Role == LlamaRole.System);
        int[] other = PromptFormat.Encode([.. system, LlamaMessage.User("?")], _model.Tokenizer, _options.SpecialTokens);
        return prompt.AsSpan().CommonPrefixLength(other);
    }

    private int[] Encode(LlamaMessage[] conversation, GenerationOptions generation, out int droppedCount)
    {
        droppedCount = 0;
        int room = _model.ContextLength - Math.Min(generation.MaxTokens ?? int.MaxValue, Math.Max(1, _model.ContextLength / AnswerShare));
        while (true)
        {
            int[] prompt = PromptFormat.Encode(conversation, _model.Tokenizer, _options.SpecialTokens);
            if (_options.Overflow == ContextOverflow.Stop || prompt.Length <= room)
            {
                return prompt;
            }

            int systemCount = conversation.TakeWhile(message => message.Role == LlamaRole.System).Count();
            int next = Array.FindIndex(conversation, Math.Min(systemCount + 1, conversation.Length), message => message.Role == LlamaRole.User);
            if (next < 0)
            {
                // The last turn alone: refused if it leaves no room at all.
                return prompt;
            }

            droppedCount += next - systemCount;
            conversation = [.. conversation[..systemCount], .. conversation[next..]];
        }
    }

    private void BeginTurn()
    {
        if (Interlocked.Increment(ref _turnCount) > 1)
        {
            EndTurn();
            throw new InvalidOperationException("A turn of this session is under way: wait for its end, cancel it, or fork the session before it.");
        }
    }

    private void EndTurn() => Interlocked.Decrement(ref _turnCount);
}
