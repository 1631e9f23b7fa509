namespace Llama2.Cli.LineEditing;

/// <summary>The previously accepted texts, and a position among them. The text that is being edited is kept while the user looks at previous texts.</summary>
/// <param name="maxCount">The maximum number of texts; the oldest are removed.</param>
internal sealed class LineHistory(int maxCount)
{
    private readonly List<string> _texts = [];
    private int _place;
    private string _draft = "";

    /// <summary>Adds a text, unless it is blank or equal to the last one, and moves to the end.</summary>
    public void Add(string text)
    {
        if (!string.IsNullOrWhiteSpace(text) && (_texts.Count == 0 || _texts[^1] != text))
            _texts.Add(text);
        if (_texts.Count > maxCount)
            _texts.RemoveAt(0);
        GoToEnd();
    }

    /// <summary>Moves to the end, after the newest text.</summary>
    public void GoToEnd() => (_place, _draft) = (_texts.Count, "");

    /// <summary>Moves to the previous text and returns it; returns null if there is none.</summary>
    /// <param name="current">The text that is being edited.</param>
    public string? Previous(string current)
    {
        if (_place == 0)
            return null;
        if (_place == _texts.Count)
            _draft = current;
        return _texts[--_place];
    }

    /// <summary>
    /// Moves to the next text and returns it. The text that is being edited comes after the newest text. Returns null if there is no next text.
    /// </summary>
    public string? Next() => _place == _texts.Count ? null
        : ++_place == _texts.Count ? _draft
        : _texts[_place];
}
