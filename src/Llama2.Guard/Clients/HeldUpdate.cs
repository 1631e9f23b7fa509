using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>An update that waits until all of its text was judged.</summary>
/// <param name="update">The model's update.</param>
internal sealed class HeldUpdate(ChatResponseUpdate update)
{
    private readonly List<(JudgedText Text, int Start, int End)?> _places = [];
    private readonly List<(JudgedText Text, int End)> _conditions = [];

    /// <summary>Why a content could not be judged, if it is passed all the same.</summary>
    public string? FailedOpen { get; set; }

    /// <summary>Whether everything was judged and may be shown.</summary>
    public bool IsReleased => _conditions.TrueForAll(condition => condition.Text.ReleasedLength >= condition.End);

    /// <summary>Adds the next content: its text is a part of a text that is judged, or null if it has none.</summary>
    public void Add((JudgedText Text, int Start, int End)? place)
    {
        _places.Add(place);
        if (place is { } known)
            AddCondition(known.Text, known.End);
    }

    /// <summary>Makes the update wait for another text, too.</summary>
    public void AddCondition(JudgedText text, int end) => _conditions.Add((text, end));

    /// <summary>The update as it may be shown; null if masks left nothing of it.</summary>
    public ChatResponseUpdate? Show(GuardOptions options, string? failedOpen)
    {
        failedOpen ??= FailedOpen ?? _conditions.Select(condition => condition.Text.FailedOpen).FirstOrDefault(failure => failure is not null);
        bool isMasked = _places.Exists(place => place is { } known && known.Text.IsMasked(known.Start, known.End));
        ChatResponseUpdate shown;
        if (options.PassRawRepresentation && !isMasked)
        {
            shown = update.Clone();
        }
        else
        {
            List<AIContent> contents = [];
            for (int i = 0; i < _places.Count; i++)
            {
                string? text = _places[i] is { } place && !place.Text.IsWhole ? place.Text.Slice(place.Start, place.End) : null;
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
