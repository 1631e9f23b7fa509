using Llama2.Extensions;
using Llama2.Server.Answers;
using Llama2.Server.Errors;
using Llama2.Server.Models;
using Llama2.Server.Protocol;
using Llama2.Server.Requests;
using Llama2.Server.Writing;

namespace Llama2.Server.Endpoints;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatCompletions(EndpointServices services)
{
    public async Task HandleAsync(HttpContext context, CancellationToken cancellationToken)
    {
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        ChatRequest request = ChatRequest.Read(body, services.Options);
        using ModelLease lease = await services.Models.RentAsync(request.Model, cancellationToken).ConfigureAwait(false);
        ServedModel model = lease.Model;
        SamplingFields.CheckBiases(request.Generation, model.Model.Tokenizer);
        var answer = new ChatAnswer(request, model, ClientOf(model), services.Options.PrefixScope(context), services.Now);
        if (request.Stream.IsStreamed)
        {
            await EventStream.RunAsync(
                context, answer.StreamAsync(cancellationToken), ProtocolJson.Default.ChatCompletionChunk,
                exception => services.FailureOf(exception, ChatRequest.MessagesField), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            ChatCompletion completion = await answer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            await JsonAnswer.WriteAsync(context.Response, completion, ProtocolJson.Default.ChatCompletion).ConfigureAwait(false);
        }
    }

    /// <summary>The client that answers chats with a model.</summary>
    /// <exception cref="RequestException">The model cannot chat.</exception>
    public static LlamaChatClient ClientOf(ServedModel model)
    {
        try
        {
            return model.Client;
        }
        catch (Exception exception) when (exception is PromptFormatException or PromptTemplateException)
        {
            throw RequestException.Invalid("model", $"The model '{model.Id}' cannot chat: {exception.Message}", "unsupported_value");
        }
    }
}
