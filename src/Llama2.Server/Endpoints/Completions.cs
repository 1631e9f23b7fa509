using Llama2.Server.Answers;
using Llama2.Server.Models;
using Llama2.Server.Protocol;
using Llama2.Server.Requests;
using Llama2.Server.Writing;

namespace Llama2.Server.Endpoints;

/// <summary><c>POST /v1/completions</c>.</summary>
internal sealed class Completions(EndpointServices services)
{
    public async Task HandleAsync(HttpContext context, CancellationToken cancellationToken)
    {
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        CompletionRequest request = CompletionRequest.Read(body, services.Options);
        using ModelLease lease = await services.Models.RentAsync(request.Model, cancellationToken).ConfigureAwait(false);
        ServedModel model = lease.Model;
        SamplingFields.CheckBiases(request.Generation, model.Model.Tokenizer);
        request.CheckSuffix(model.Model.Tokenizer);
        var answer = new CompletionAnswer(request, model, services.Options.PrefixScope(context), services.Now);
        if (request.Stream.IsStreamed)
        {
            await EventStream.RunAsync(
                context, answer.StreamAsync(cancellationToken), ProtocolJson.Default.Completion,
                exception => services.FailureOf(exception, CompletionRequest.PromptName), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Completion completion = await answer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            await JsonAnswer.WriteAsync(context.Response, completion, ProtocolJson.Default.Completion).ConfigureAwait(false);
        }
    }
}
