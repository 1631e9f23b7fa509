using System.Runtime.CompilerServices;
using Llama2.Extensions;
using Llama2.Server.Models;
using Llama2.Server.Protocol;
using Llama2.Server.Requests;

namespace Llama2.Server.Answers;

/// <summary>The answer to a chat request: all its choices.</summary>
/// <param name="request">The request.</param>
/// <param name="model">The model.</param>
/// <param name="client">The model's client.</param>
/// <param name="prefixScope">The scope in which keys and values are reused; null for the scope in the model's options.</param>
/// <param name="created">The time, in seconds since 1970.</param>
internal sealed class ChatAnswer(ChatRequest request, ServedModel model, LlamaChatClient client, string? prefixScope, long created)
{
    private readonly string _id = $"chatcmpl-{Guid.NewGuid():N}";
    private readonly UsageTotal _usage = new();
    private readonly ChoiceReader _choices = new(request, model, client, prefixScope);

    /// <summary>The whole answer.</summary>
    public async Task<ChatCompletion> CompleteAsync(CancellationToken cancellationToken)
    {
        ChoiceText[] choices = [.. Enumerable.Range(0, request.ChoiceCount).Select(_ => new ChoiceText())];
        await foreach ((int index, ChoicePart part) in ReadPartsAsync(cancellationToken).ConfigureAwait(false))
        {
            choices[index].Add(part);
        }

        ChatChoice[] complete = [.. choices.Select((choice, index) => choice.ToChoice(index, request.Generation.LogProbabilities))];
        return new ChatCompletion(_id, created, model.Id, model.SystemFingerprint, complete, _usage.ToUsage());
    }

    /// <summary>The answer in parts.</summary>
    public async IAsyncEnumerable<ChatCompletionChunk> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var hasBegun = new bool[request.ChoiceCount];
        await foreach ((int index, ChoicePart part) in ReadPartsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!hasBegun[index])
                yield return ToChunk(new ChunkChoice(index, new ChunkDelta("assistant", "")));
            hasBegun[index] = true;
            if (part.Text.Length > 0 || part.Calls is not null || part.Logprob is not null)
                yield return ToChunk(new ChunkChoice(index, ToDelta(part), part.Logprob is { } logprob ? new ChatLogprobs([logprob]) : null));
            if (part.FinishReason is { } reason)
                yield return ToChunk(new ChunkChoice(index, new ChunkDelta(), FinishReason: reason));
        }

        if (request.Stream.IncludesUsage)
            yield return new ChatCompletionChunk(_id, created, model.Id, model.SystemFingerprint, [], _usage.ToUsage());
    }

    private static ChunkDelta ToDelta(ChoicePart part) => new(Content: part.Text.Length == 0 && part.Calls is not null ? null : part.Text, ToolCalls: part.Calls);

    private ChatCompletionChunk ToChunk(ChunkChoice choice) => new(_id, created, model.Id, model.SystemFingerprint, [choice]);

    private async IAsyncEnumerable<(int Index, ChoicePart Part)> ReadPartsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((int index, ChoicePart part) in MergedChoices.MergeAsync(request.ChoiceCount, _choices.ReadAsync, cancellationToken).ConfigureAwait(false))
        {
            if (part.Usage is { } usage)
                _usage.Add(0, usage);
            yield return (index, part);
        }
    }
}
