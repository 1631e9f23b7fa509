namespace Llama2.Cli.LineEditing;

/// <summary>The texts that were accepted before, and a place among them. What is being edited is kept while the user looks at others.</summary>
/// <param name="maxCount">Most texts; the oldest are forgotten.</param>
internal sealed class LineHistory(int maxCount)
{
    private readonly List<string> _texts = [];
    private int _place;
    private string _draft = "";

    /// <summary>Adds a text, unless it is blank or the last one again, and goes to the end.</summary>
    public void Add(string text)
    {
        if (!string.IsNullOrWhiteSpace(text) && (_texts.Count == 0 || _texts[^1] != text))
            _texts.Add(text);
        if (_texts.Count > maxCount)
            _texts.RemoveAt(0);
        GoToEnd();
    }

    /// <summary>Goes to the end, after the newest text.</summary>
    public void GoToEnd() => (_place, _draft) = (_texts.Count, "");

    /// <summary>The text before; null if there is none.</summary>
    /// <param name="current">What is being edited.</param>
    public string? Previous(string current)
    {
        if (_place == 0)
            return null;
        if (_place == _texts.Count)
            _draft = current;
        return _texts[--_place];
    }

    /// <summary>The text after, at the end what was being edited; null if there is none.</summary>
    public string? Next() => _place == _texts.Count ? null
        : ++_place == _texts.Count ? _draft
        : _texts[_place];
}
