namespace Llama2.Evaluation.Data.Forms;

/// <summary>The search for a split of a data set in one folder. It records where it has looked.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Name">The name of a configuration of the data set, or null.</param>
/// <param name="Split">The split: <c>test</c>, <c>validation</c>, <c>train</c> or another.</param>
/// <param name="Options">The limits.</param>
/// <param name="Places">The places where nothing was found are added to this list.</param>
internal sealed record DatasetSearch(string Folder, string? Name, string Split, DataOptions Options, List<string> Places)
{
    /// <summary>Whether the split is the one for which parameters are chosen: its files are mostly named <c>dev</c> or <c>valid</c>.</summary>
    public bool IsValidation => Split == "validation";

    /// <summary>Finds the first of some files that exists, compressed or not.</summary>
    /// <param name="names">The files' paths in the folder, with <c>/</c>.</param>
    /// <returns>The file's path; null if there is none.</returns>
    public string? Find(params IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            string path = Path.Combine([Folder, .. name.Split('/')]);
            if (File.Exists(path))
                return path;
            if (File.Exists(path + ".gz"))
                return path + ".gz";
            Places.Add(path);
        }

        return null;
    }

    /// <summary>The value for the split, of a table of the usual three.</summary>
    /// <returns>Null for any other split, and for one that the data set does not have.</returns>
    public T? BySplit<T>(T? train, T? validation, T? test)
        where T : class => Split switch
        {
            "train" => train,
            "validation" => validation,
            "test" => test,
            _ => null,
        };
}
