using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Llama2.Extensions.Telemetry;
using Llama2.Server.Answers;
using Llama2.Server.Protocol;

namespace Llama2.Server.Anthropic;

/// <summary>The answer to a request for a message.</summary>
/// <param name="modelId">The model's name.</param>
/// <param name="parts">What the model generates.</param>
internal sealed class MessageAnswer(string modelId, IAsyncEnumerable<ChoicePart> parts)
{
    private static readonly JsonElement s_noInput = JsonElement.Parse("{}");
    private readonly string _id = $"msg_{Guid.NewGuid():N}";

    /// <summary>The whole answer.</summary>
    public async Task<AnthropicMessage> CompleteAsync(CancellationToken cancellationToken)
    {
        List<ContentBlock> blocks = [];
        var text = new StringBuilder();
        ChoicePart last = default;
        await foreach (ChoicePart part in parts.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            text.Append(part.Text);
            if (part.Calls is { } calls)
            {
                EndText();
                blocks.AddRange(calls.Select(call => ContentBlock.OfCall(IdOf(call), call.Function.Name, JsonElement.Parse(call.Function.Arguments))));
            }

            last = part;
        }

        EndText();
        return new AnthropicMessage(_id, modelId, blocks, ReasonOf(last), last.StopSequence, AnthropicUsage.Of(last.Usage!));

        void EndText()
        {
            if (text.Length > 0)
                blocks.Add(ContentBlock.OfText(text.ToString()));
            text.Clear();
        }
    }

    /// <summary>The answer as events. Each call comes in one piece, with its whole arguments.</summary>
    public async IAsyncEnumerable<AnthropicEvent> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int index = 0;
        bool hasBegun = false, isInText = false;
        ChoicePart last = default;
        await foreach (ChoicePart part in parts.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!hasBegun)
                yield return Begin();
            hasBegun = true;
            if (part.Text.Length > 0)
            {
                if (!isInText)
                    yield return new AnthropicEvent("content_block_start", Index: index, ContentBlock: ContentBlock.OfText(""));
                isInText = true;
                yield return new AnthropicEvent("content_block_delta", Index: index, Delta: BlockDelta.OfText(part.Text));
            }

            foreach (ToolCall call in part.Calls ?? [])
            {
                if (isInText)
                    yield return new AnthropicEvent("content_block_stop", Index: index++);
                isInText = false;
                yield return new AnthropicEvent("content_block_start", Index: index, ContentBlock: ContentBlock.OfCall(IdOf(call), call.Function.Name, s_noInput));
                yield return new AnthropicEvent("content_block_delta", Index: index, Delta: BlockDelta.OfInput(call.Function.Arguments));
                yield return new AnthropicEvent("content_block_stop", Index: index++);
            }

            last = part;
        }

        if (isInText)
            yield return new AnthropicEvent("content_block_stop", Index: index);
        yield return new AnthropicEvent("message_delta", Delta: new EndDelta(ReasonOf(last), last.StopSequence), Usage: AnthropicUsage.Of(last.Usage!) with { ServiceTier = null });
        yield return new AnthropicEvent("message_stop");
    }

    // How many tokens of the prompt were reused is reported at the end; until then, all of them count.
    private AnthropicEvent Begin()
    {
        var usage = new AnthropicUsage(RequestUsage.Current?.PromptTokenCount ?? 0, 0, 0, 0);
        return new AnthropicEvent("message_start", new AnthropicMessage(_id, modelId, [], null, null, usage));
    }

    // The chat client's ids begin with call_.
    private static string IdOf(ToolCall call) => $"toolu_{call.Id[(call.Id.IndexOf('_', StringComparison.Ordinal) + 1)..]}";

    private static string ReasonOf(in ChoicePart last) => last switch
    {
        { StopSequence: not null } => "stop_sequence",
        { IsContextFull: true } => "model_context_window_exceeded",
        { FinishReason: "length" } => "max_tokens",
        { FinishReason: "tool_calls" } => "tool_use",
        _ => "end_turn",
    };
}
