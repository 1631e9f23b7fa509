using Llama2.Architectures;

namespace Llama2.Training;

/// <summary>The description that a model's file has in addition to the model's shape. Immutable; properties that are null are not written.</summary>
public sealed record ModelDescription
{
    /// <summary>The model's name.</summary>
    public string? Name { get; init; }

    /// <summary>A description in one sentence.</summary>
    public string? Description { get; init; }

    /// <summary>The model's licence, such as <c>mit</c>.</summary>
    public string? License { get; init; }

    /// <summary>The model's chat template in Jinja, as used by Hugging Face; without one, users must specify the prompt format.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Returns the metadata with these properties. They replace existing entries or are added at the end.</summary>
    internal Dictionary<string, object> ApplyTo(IReadOnlyDictionary<string, object> metadata)
    {
        var described = new Dictionary<string, object>(metadata);
        foreach ((string key, string? value) in (ReadOnlySpan<(string, string?)>)
            [(GeneralKeys.Name, Name), (GeneralKeys.Description, Description), (GeneralKeys.License, License), (VocabularyKeys.ChatTemplate, ChatTemplate)])
        {
            if (value is not null)
            {
                described[key] = value;
            }
        }

        return described;
    }
}
