using Llama2.Server.Endpoints;
using Llama2.Server.Models;
using Llama2.Server.Requests;
using Llama2.Server.Writing;

namespace Llama2.Server.LlamaCpp;

/// <summary>llama.cpp's <c>POST /infill</c>.</summary>
internal sealed class Infill(EndpointServices services)
{
    private static readonly EventForm<InfillCompletion> s_form = new(LlamaCppJson.Default.InfillCompletion) { End = null };

    public async Task HandleAsync(HttpContext context, CancellationToken cancellationToken)
    {
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        InfillRequest request = InfillRequest.Read(body, services.Options);
        using ModelLease lease = await services.Models.RentAsync(request.Model, cancellationToken).ConfigureAwait(false);
        var answer = new InfillAnswer(request, lease.Model, InfillPrompt.Encode(request, lease.Model), services.Options.PrefixScope(context));
        if (request.IsStreamed)
        {
            await EventStream.RunAsync(
                context, answer.StreamAsync(cancellationToken), s_form, exception => services.FailureOf(exception, InfillRequest.PrefixName), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            InfillCompletion completion = await answer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            await JsonAnswer.WriteAsync(context.Response, completion, LlamaCppJson.Default.InfillCompletion).ConfigureAwait(false);
        }
    }
}
