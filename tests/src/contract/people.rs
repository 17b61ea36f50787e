//! Users, sessions and tokens.

use anyhow::{Result, ensure};
use atalaya::domain::{Sha256, UserId};
use atalaya::store::{SessionRow, StoreError, TokenRow, User};

use super::make::{ana, first, user};
use super::{Open, START, Stage};

pub fn a_user_name_is_taken_whatever_its_case(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let ana_user = user("Ñuria");
    stage.store.create_user(&ana_user, &ana())?;
    let answer = stage.store.create_user(&user("ñURIA"), &ana());
    ensure!(matches!(answer, Err(StoreError::Taken("the user name"))), "{answer:?}");
    ensure!(stage.store.user_by_name("ñuria")? == Some(ana_user.clone()));
    ensure!(stage.store.user(ana_user.id)? == Some(ana_user.clone()));
    ensure!(stage.store.users()? == [ana_user]);
    ensure!(stage.store.user_by_name("nobody")?.is_none());
    Ok(())
}

pub fn of_many_first_users_one_is_made(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let made = std::thread::scope(|scope| {
        let make = |n: usize| stage.store.create_first_user(&user(&format!("admin{n}")));
        let threads: Vec<_> = (0..8).map(|n| scope.spawn(move || make(n))).collect();
        threads.into_iter().map(|thread| thread.join()).filter(|made| matches!(made, Ok(Ok(true)))).count()
    });
    ensure!(made == 1, "{made} were made");
    ensure!(stage.store.users()?.len() == 1);
    Ok(())
}

pub fn a_password_is_changed_and_the_audit_says_so_without_it(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = user("ana");
    stage.store.create_user(&one, &ana())?;
    stage.store.set_password(one.id, "$argon2id$new", &ana())?;
    let changed = User { password_hash: "$argon2id$new".to_owned(), ..one };
    ensure!(stage.store.user(changed.id)? == Some(changed));
    let nobody = stage.store.set_password(UserId::generate(), "x", &ana());
    ensure!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
    let audit = format!("{:?}", stage.store.audit(&first(10))?);
    ensure!(audit.contains("password changed") && !audit.contains("argon2id"), "{audit}");
    Ok(())
}

fn session(of: &User, token: &str) -> SessionRow {
    SessionRow {
        token_hash: Sha256::of(token.as_bytes()),
        user: of.id,
        created_at: START,
        used_at: START,
        expires_at: START.plus(100),
    }
}

pub fn a_session_is_found_by_its_hash_until_it_ends(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = user("ana");
    stage.store.create_user(&one, &ana())?;
    let mut row = session(&one, "a");
    stage.store.create_session(&row)?;
    ensure!(stage.store.session(row.token_hash)? == Some(row.clone()));
    stage.store.touch_session(row.token_hash, START.plus(5))?;
    row.used_at = START.plus(5);
    ensure!(stage.store.session(row.token_hash)? == Some(row.clone()));
    stage.store.end_session(row.token_hash)?;
    ensure!(stage.store.session(row.token_hash)?.is_none());
    stage.store.touch_session(row.token_hash, START.plus(6))?;
    ensure!(stage.store.session(row.token_hash)?.is_none(), "it came back");
    Ok(())
}

pub fn sessions_end_together_and_when_they_expire(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (one, two) = (user("ana"), user("blas"));
    for somebody in [&one, &two] {
        stage.store.create_user(somebody, &ana())?;
        for token in ["a", "b"] {
            stage.store.create_session(&session(somebody, &format!("{token} {}", somebody.username)))?;
        }
    }
    let there = |name: &str| stage.store.session(Sha256::of(name.as_bytes())).map(|row| row.is_some());
    stage.store.end_sessions_of(one.id)?;
    ensure!(!there("a ana")? && !there("b ana")? && there("a blas")?);
    stage.store.prune_sessions(START.plus(99))?;
    ensure!(there("a blas")?);
    stage.store.prune_sessions(START.plus(100))?;
    ensure!(!there("a blas")? && !there("b blas")?);
    Ok(())
}

pub fn a_token_is_found_by_its_hash(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = user("ana");
    let mut row = TokenRow {
        token_hash: Sha256::of(b"token"),
        prefix: "at_12345678".to_owned(),
        user: one.id,
        created_at: START,
        used_at: None,
        expires_at: None,
    };
    let nobody = stage.store.create_token(&row, &ana());
    ensure!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
    stage.store.create_user(&one, &ana())?;
    stage.store.create_token(&row, &ana())?;
    ensure!(stage.store.token(row.token_hash)? == Some(row.clone()));
    stage.store.touch_token(row.token_hash, START.plus(3))?;
    row.used_at = Some(START.plus(3));
    ensure!(stage.store.token(row.token_hash)? == Some(row));
    ensure!(stage.store.token(Sha256::of(b"other"))?.is_none());
    Ok(())
}
