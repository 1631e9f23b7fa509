using Llama2.Server.Answers;
using Llama2.Server.Endpoints;
using Llama2.Server.Models;
using Llama2.Server.Requests;
using Llama2.Server.Writing;

namespace Llama2.Server.Anthropic;

/// <summary><c>POST /v1/messages</c> and <c>POST /v1/messages/count_tokens</c>.</summary>
internal sealed class Messages(EndpointServices services)
{
    public async Task CreateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        RequestId.Of(context);
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        ChatRequest request = MessageFields.Read(body, services.Options);
        using ModelLease lease = await services.Models.RentAsync(request.Model, cancellationToken).ConfigureAwait(false);
        ServedModel model = lease.Model;
        var choices = new ChoiceReader(request, model, ChatCompletions.ClientOf(model), services.Options.PrefixScope(context));
        var answer = new MessageAnswer(model.Id, choices.ReadAsync(0, cancellationToken));
        if (request.Stream.IsStreamed)
        {
            await EventStream.RunAsync(
                context, answer.StreamAsync(cancellationToken), FormOf(context),
                exception => services.FailureOf(exception, ChatRequest.MessagesField), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            AnthropicMessage message = await answer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            await JsonAnswer.WriteAsync(context.Response, message, AnthropicJson.Default.AnthropicMessage).ConfigureAwait(false);
        }
    }

    /// <summary>Counts the tokens that the model would read, even if the prompt is longer than the model's context.</summary>
    public async Task CountAsync(HttpContext context, CancellationToken cancellationToken)
    {
        RequestId.Of(context);
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        ChatRequest request = MessageFields.ReadCount(body);
        using ModelLease lease = await services.Models.RentAsync(request.Model, cancellationToken).ConfigureAwait(false);
        int count;
        try
        {
            count = await ChatCompletions.ClientOf(lease.Model).CountPromptTokensAsync(request.Messages, request.Options, cancellationToken).ConfigureAwait(false);
        }
        catch (OutputConstraintException exception)
        {
            throw ConstraintFault.Of(request, exception, hasBegun: false);
        }

        await JsonAnswer.WriteAsync(context.Response, new TokenCount(count), AnthropicJson.Default.TokenCount).ConfigureAwait(false);
    }

    private static EventForm<AnthropicEvent> FormOf(HttpContext context) => new(AnthropicJson.Default.AnthropicEvent)
    {
        NameOf = item => item.Type,
        End = null,
        ErrorName = "error",
        WriteError = (json, failure) => AnthropicErrors.Write(json, context, failure),
    };
}
