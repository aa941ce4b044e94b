using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// The keys that live outside the database, one a line in a file: <c>id base64(32 bytes)</c>. The last line is the current key;
/// older ones still open what they closed. Every use has a key of its own, derived by HKDF (RFC 5869).
/// </summary>
internal sealed class MasterKeys
{
    private const int KeyLength = 32;
    private readonly Lazy<(Dictionary<string, byte[]> ById, string CurrentId)> _keys;
    private readonly string _path;
    private readonly ISecrets _secrets;

    public MasterKeys(IOptions<DataOptions> options, ISecrets secrets)
    {
        _path = options.Value.KeyFilePath;
        _secrets = secrets;

        // Read when first used: the commands first look whether they fit the database.
        _keys = new Lazy<(Dictionary<string, byte[]>, string)>(() => Read(_path));
    }

    /// <summary>The id of the key that closes new things.</summary>
    public string CurrentId => _keys.Value.CurrentId;

    /// <summary>A 256-bit key for one use, derived from the current master key.</summary>
    public byte[] Derive(string use) => Derive(CurrentId, use)!;

    /// <summary>The same from the master key <paramref name="id"/>; null when the file does not hold it.</summary>
    public byte[]? Derive(string id, string use) =>
        _keys.Value.ById.TryGetValue(id, out var key) ? HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLength, info: Encoding.UTF8.GetBytes("countersign/" + use)) : null;

    /// <summary>Makes a key file for a new database, unless one lies there already.</summary>
    public void CreateIfMissing()
    {
        if (!File.Exists(_path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            Create(_path, $"1 {Convert.ToBase64String(_secrets.Bytes(KeyLength))}\n");
        }
    }

    private static (Dictionary<string, byte[]> ById, string CurrentId) Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new StartException($"The key file {path} is missing. Without it nothing in the database can be opened: restore it from its backup, or name it with Data:KeyFile.");
        }

        var keys = File.ReadLines(path).Where(line => !string.IsNullOrWhiteSpace(line) && line[0] != '#').Select(line => Parse(line, path)).ToList();
        return keys.Count > 0
            ? (keys.ToDictionary(k => k.Id, k => k.Key, StringComparer.Ordinal), keys[^1].Id)
            : throw new StartException($"The key file {path} holds no key.");
    }

    private static void Create(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    private static (string Id, byte[] Key) Parse(string line, string path)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var key = new byte[KeyLength];
        return parts.Length == 2 && parts[0].Length <= 16 && Convert.TryFromBase64String(parts[1], key, out var written) && written == KeyLength
            ? (parts[0], key)
            : throw new StartException($"The key file {path} has a line that is not: id base64-of-32-bytes.");
    }
}
