namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// The names that fields and roles have in a file, where they differ from those of the forms: <see cref="DatasetOptions.FieldNames"/>, or a description
/// that names all fields. The form does not see a field whose name the file uses for another field of the form, or a field that
/// a description does not name; such a field is reported as unused (<see cref="UnusedFields"/>).
/// </summary>
internal sealed class FieldNames
{
    private const string Hidden = " (not used)";

    private readonly Dictionary<string, string> _ofFile = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ofForm = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ignored;
    private readonly IReadOnlyDictionary<string, string> _roles;

    /// <param name="ofFile">For each field of a form that has another name in the file, this name.</param>
    /// <param name="ignored">The names in the file of fields that are not used, whatever they mean.</param>
    /// <param name="roles">For each author of messages that has another name in the file, the name in the forms.</param>
    public FieldNames(IReadOnlyDictionary<string, string> ofFile, IEnumerable<string> ignored, IReadOnlyDictionary<string, string> roles)
    {
        _roles = roles;
        foreach ((string form, string file) in ofFile)
        {
            _ofFile[form] = file;
            _ofForm[file] = form;
        }

        _ignored = new HashSet<string>(ignored, StringComparer.Ordinal);
        Messages = this;
    }

    /// <summary>The names of the forms.</summary>
    public static FieldNames Own { get; } = new(new Dictionary<string, string>(), [], new Dictionary<string, string>());

    /// <summary>The names of the fields of messages.</summary>
    public FieldNames Messages { get; private init; }

    /// <summary>Whether a description names all fields and authors, and there are no others.</summary>
    public bool IsDescribed { get; private init; }

    /// <summary>The authors that messages can have, for messages of exceptions.</summary>
    public string Authors => IsDescribed ? string.Join(", ", _roles.Keys.Select(author => $"'{author}'")) : "system, user (human), assistant (gpt), tool (observation) and function_call";

    /// <summary>What to do about a field that is not used, for messages of exceptions.</summary>
    public string Remedy => IsDescribed && Messages != this ? "name it in the description's 'columns', remove it" : "remove it or rename it";

    /// <summary>The names of a description.</summary>
    public static FieldNames OfDescription(IReadOnlyDictionary<string, string> fields, IReadOnlyDictionary<string, string> messageFields, IReadOnlyDictionary<string, string> roles, IReadOnlyList<string> ignored) =>
        new(fields, ignored, roles) { IsDescribed = true, Messages = new FieldNames(messageFields, ignored, roles) { IsDescribed = true } };

    public string OfFile(string name) => _ofFile.GetValueOrDefault(name) ?? (name.EndsWith(Hidden, StringComparison.Ordinal) ? name[..^Hidden.Length] : name);

    // If a field is renamed to the name of an existing field, the existing field keeps its value under a name that no form has.
    public string OfForm(string name) => _ofForm.GetValueOrDefault(name) ?? (IsDescribed || _ofFile.ContainsKey(name) ? name + Hidden : name);

    /// <summary>The name that determines the meaning of a field: the form's, or the file's if the form does not see the field.</summary>
    public string MeaningOf(string name) => _ofFile.ContainsKey(name) ? name : OfFile(name);

    /// <summary>The name that the forms have for an author of messages; null if the author is not known.</summary>
    public string? RoleOf(string author) => _roles.TryGetValue(author, out string? role) ? role : IsDescribed ? null : author;

    /// <summary>Whether a field is read as if the file did not have it; the argument is its name in the file.</summary>
    public bool IsIgnored(string name) => _ignored.Contains(name);
}
