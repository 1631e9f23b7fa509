using Llama2.Extensions.Telemetry;
using Llama2.Server.Models;
using Llama2.Server.Protocol;
using Llama2.Server.Requests;
using Llama2.Server.Writing;

namespace Llama2.Server.Endpoints;

/// <summary><c>POST /v1/embeddings</c>.</summary>
internal sealed class Embeddings(EndpointServices services)
{
    public async Task HandleAsync(HttpContext context, CancellationToken cancellationToken)
    {
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = EmbeddingRequest.Read(body);
        using ModelLease lease = await services.Models.RentAsync(request.Model, cancellationToken).ConfigureAwait(false);
        ServedModel model = lease.Model;
        request.CheckDimensions(model.Model.Configuration.EmbeddingLength);
        ReadOnlyMemory<int>[] inputs = request.Inputs.Encode(model.Model.Tokenizer);

        CheckLengths(inputs, services.Options.MaxContextTokenCount);
        using RequestMeasurement measurement = model.Measure("embeddings");
        var options = new EmbeddingOptions { PrefixScope = services.Options.PrefixScope(context), Adapters = model.Adapters };
        // The numbers of a body of a few MiB add up to far less than an int holds.
        int tokenCount = inputs.Sum(input => input.Length);
        float[][] vectors;
        try
        {
            vectors = await measurement.WatchAsync(
                new ValueTask<float[][]>(model.Model.ComputeEmbeddingsAsync(inputs, options, cancellationToken))).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client left during the computation.
            RequestUsage.Current?.AddPrompt(0, tokenCount);
            throw;
        }

        measurement.Complete(tokenCount);
        var answer = new EmbeddingList(
            [.. vectors.Select((vector, index) => new EmbeddingEntry(index, new EmbeddingVector(vector, request.IsBase64)))],
            model.Id,
            new Usage(tokenCount, null, tokenCount));
        await JsonAnswer.WriteAsync(context.Response, answer, ProtocolJson.Default.EmbeddingList).ConfigureAwait(false);
    }

    private static void CheckLengths(ReadOnlyMemory<int>[] inputs, int? limit)
    {
        int index = Array.FindIndex(inputs, input => input.Length > limit);
        if (index >= 0)
            throw new ContextLengthException(inputs[index].Length, limit!.Value, index);
    }
}
