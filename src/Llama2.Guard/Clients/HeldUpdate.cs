using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>An update that waits until all of its text was judged.</summary>
/// <param name="update">The model's update.</param>
internal sealed class HeldUpdate(ChatResponseUpdate update)
{
    // One for each content; null for one without a text.
    private readonly List<HeldPart?> _parts = [];
    private HeldPart? _author;

    /// <summary>Why a content could not be judged, if it is passed nevertheless.</summary>
    public string? FailedOpen { get; set; }

    /// <summary>Whether everything was judged and may be shown.</summary>
    public bool IsReleased => _parts.TrueForAll(part => part is null || part.IsReleased) && _author is null or { IsReleased: true };

    /// <summary>Whether the update contains nothing to pass on.</summary>
    public bool IsEmpty => update.FinishReason is null && update.Contents.All(content => content is TextContent { Text.Length: 0 } or TextReasoningContent { Text.Length: 0 });

    /// <summary>Adds the next content: its text is a part of a text that is judged, or null if it has none.</summary>
    public void Add(HeldPart? part) => _parts.Add(part);

    /// <summary>Makes the update wait for the name of its author.</summary>
    public void AddAuthor(HeldPart name) => _author = name;

    /// <summary>The update as it may be shown; null if masks left nothing of it.</summary>
    public ChatResponseUpdate? Show(GuardOptions options, string? failedOpen)
    {
        failedOpen ??= FailedOpen ?? _author?.FailedOpen ?? _parts.Select(part => part?.FailedOpen).FirstOrDefault(failure => failure is not null);
        bool isMasked = _parts.Exists(part => part is { IsMasked: true });
        ChatResponseUpdate shown;
        if (options.PassRawRepresentation && !isMasked)
        {
            shown = update.Clone();
        }
        else
        {
            List<AIContent> contents = [];
            for (int i = 0; i < _parts.Count; i++)
            {
                string? text = _parts[i] is { Text.IsWhole: false } part ? part.Show() : null;
                if (text is not "" || !isMasked)
                    contents.Add(CleanContents.Copy(update.Contents[i], text ?? ""));
            }

            if (isMasked && contents.Count == 0 && update.FinishReason is null)
                return null;
            shown = CleanContents.Copy(update, contents);
        }

        if (failedOpen is not null)
        {
            shown.AdditionalProperties = shown.AdditionalProperties?.Clone() ?? [];
            shown.AdditionalProperties[GuardProperties.FailedOpen] = failedOpen;
        }

        return shown;
    }
}
