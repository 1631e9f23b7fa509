using System.Globalization;

namespace Llama2.Server.Requests;

/// <summary>A request of <c>POST /v1/embeddings</c>.</summary>
/// <param name="Model">The name of the model; null if the request names none.</param>
/// <param name="Inputs">The texts.</param>
/// <param name="IsBase64">Whether vectors are written in Base64.</param>
/// <param name="Dimensions">The length that the vectors must have; null if the request does not state it.</param>
internal sealed record EmbeddingRequest(string? Model, PromptField Inputs, bool IsBase64, int? Dimensions)
{
    /// <summary>The field that contains the texts.</summary>
    public const string InputName = "input";

    private const string DimensionsName = "dimensions";
    // The limit of OpenAI's reference.
    private const int MaxInputCount = 2048;

    /// <summary>Reads a request.</summary>
    public static EmbeddingRequest Read(RequestObject body)
    {
        var request = new EmbeddingRequest(
            body.Take("model")?.Text(),
            PromptField.Read(body.Require(InputName), MaxInputCount),
            body.Take("encoding_format")?.Text("float", "base64") == "base64",
            body.Take(DimensionsName)?.Integer(1, int.MaxValue));
        body.TakeTexts("user");
        body.End();
        return request;
    }

    /// <summary>Refuses a length that the model's vectors do not have.</summary>
    public void CheckDimensions(int length)
    {
        if (Dimensions is { } dimensions && dimensions != length)
        {
            throw new RequestValue(default, DimensionsName).Refuse(
                string.Create(CultureInfo.InvariantCulture, $"is {dimensions}; the model's vectors have {length} numbers and cannot be shortened. Leave it out."),
                "unsupported_value");
        }
    }
}
