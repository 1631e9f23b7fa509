namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// The names that fields and roles have in a file, where they differ from those of the forms: <see cref="DatasetOptions.FieldNames"/>. A field whose
/// name the file uses for another field of the form is out of the way.
/// </summary>
internal sealed class FieldNames
{
    private readonly Dictionary<string, string> _ofFile = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ofForm = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ignored;
    private readonly IReadOnlyDictionary<string, string> _roles;

    /// <param name="ofFile">The name in the file of each field of a form that is named otherwise there.</param>
    /// <param name="ignored">The names in the file of fields that are not used, whatever they mean.</param>
    /// <param name="roles">The name that the forms have for each author of messages that the file names otherwise.</param>
    public FieldNames(IReadOnlyDictionary<string, string> ofFile, IEnumerable<string> ignored, IReadOnlyDictionary<string, string> roles)
    {
        _roles = roles;
        foreach ((string form, string file) in ofFile)
        {
            _ofFile[form] = file;
            _ofForm[file] = form;
        }

        _ignored = new HashSet<string>(ignored, StringComparer.Ordinal);
    }

    /// <summary>The names of the forms.</summary>
    public static FieldNames Own { get; } = new(new Dictionary<string, string>(), [], new Dictionary<string, string>());

    public string OfFile(string name) => _ofFile.GetValueOrDefault(name, name);

    // A field with the name of the form's field, which another field takes, keeps its value under a name that no form has.
    public string OfForm(string name) => _ofForm.GetValueOrDefault(name) ?? (_ofFile.ContainsKey(name) ? $"{name} (not used)" : name);

    /// <summary>The name that the forms have for an author of messages.</summary>
    public string RoleOf(string author) => _roles.GetValueOrDefault(author, author);

    /// <summary>Whether a field is read as if the file did not have it; the argument is its name in the file.</summary>
    public bool IsIgnored(string name) => _ignored.Contains(name);
}
