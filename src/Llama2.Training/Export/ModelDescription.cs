using Llama2.Tokenization;

namespace Llama2.Training;

/// <summary>What a model's file says of the model, beside its shape. Immutable; null says nothing.</summary>
public sealed record ModelDescription
{
    /// <summary>The model's name.</summary>
    public string? Name { get; init; }

    /// <summary>What it is, in a sentence.</summary>
    public string? Description { get; init; }

    /// <summary>Its licence, such as <c>mit</c>.</summary>
    public string? License { get; init; }

    /// <summary>Its chat template, in Jinja as Hugging Face has them; without one, programs have to be told how to ask the model.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Metadata in which what is described here is replaced, or comes last.</summary>
    internal Dictionary<string, object> ApplyTo(IReadOnlyDictionary<string, object> metadata)
    {
        var described = new Dictionary<string, object>(metadata);
        foreach ((string key, string? value) in (ReadOnlySpan<(string, string?)>)
            [("general.name", Name), ("general.description", Description), ("general.license", License), (VocabularyMetadata.ChatTemplateKey, ChatTemplate)])
        {
            if (value is not null)
            {
                described[key] = value;
            }
        }

        return described;
    }
}
