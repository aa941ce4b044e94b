using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data;

/// <summary>Where the data is.</summary>
internal sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>Folder of the embedded database, the key file and the lock file.</summary>
    [Required]
    public string Directory { get; set; } = ".data";

    /// <summary>Npgsql connection string. Empty: the embedded database in <see cref="Directory"/>.</summary>
    public string? Postgres { get; set; }

    /// <summary>File with the master keys. Empty: <c>master.keys</c> in <see cref="Directory"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Units of work that may wait for the one writer of the embedded database; more are refused with 503.</summary>
    [Range(16, 100_000)]
    public int WriterQueue { get; set; } = 4096;

    /// <summary>
    /// Connections that this node opens to PostgreSQL for its pages, half of them to read with; two more wake pages and look after the
    /// node. Who finds none free waits its turn, and gets 503 after the time in which one could have been opened.
    /// </summary>
    [Range(4, 1_000)]
    public int Connections { get; set; } = 40;

    /// <summary>
    /// How long a statement for a page may take on PostgreSQL before the page says that the database does not answer. Jobs and the command
    /// line have ten minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Whether data lies in PostgreSQL.</summary>
    public bool OnPostgres => !string.IsNullOrEmpty(Postgres);

    /// <summary>The embedded database's file.</summary>
    public string SqliteFile => Path.Combine(Directory, "countersign.db");

    /// <summary>The key file in force.</summary>
    public string KeyFilePath => string.IsNullOrEmpty(KeyFile) ? Path.Combine(Directory, "master.keys") : KeyFile;
}

/// <summary>Checks <see cref="DataOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class DataOptionsValidator : IValidateOptions<DataOptions>;
