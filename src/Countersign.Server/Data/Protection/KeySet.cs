namespace Countersign.Server.Data.Protection;

/// <summary>The keys of the key file, opened.</summary>
internal sealed class KeySet
{
    /// <summary>What look-up keys are derived from. Never rotated, so that counts go on.</summary>
    public const string LookupUse = "look-up";

    private readonly Dictionary<(string Id, string Use), byte[]> _only = [];
    private readonly MasterKey _lookup;

    /// <summary>The lines, in the file's order, with wrapped keys opened.</summary>
    public KeySet(IEnumerable<(KeyLine Line, byte[] Key)> lines)
    {
        var all = new List<MasterKey>();
        foreach (var (line, key) in lines)
        {
            if (line.Only is null)
            {
                all.Add(new MasterKey(line.Id, line.From, key));
            }
            else
            {
                _only.Add((line.Id, line.Only), key);
            }
        }

        All = all;
        _lookup = new MasterKey(
            LookupUse, from: null, _only.FirstOrDefault(o => o.Key.Use == LookupUse).Value ?? all[0].Derive(LookupUse));
    }

    /// <summary>The whole keys, as they lie in the file.</summary>
    public IReadOnlyList<MasterKey> All { get; }

    /// <summary>The last one whose time has come.</summary>
    public MasterKey Current(DateTimeOffset now) => All.LastOrDefault(k => k.From <= now) ?? All[0];

    public byte[]? Derive(string id, string use) =>
        All.FirstOrDefault(k => k.Id == id) is { } key ? key.Derive(use) : _only.GetValueOrDefault((id, use));

    public byte[] Lookup(string use) => _lookup.Derive(use);
}
